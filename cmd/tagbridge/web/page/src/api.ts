// All requests to the bridge go through here.
import { heard, verdictIn } from './heard.ts';
import { parseExact } from './number.ts';

/** ApiError is an answer that is none: status 0 when the bridge was not reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly text: string,
    /** What the server found wrong, one element a problem, as it came. */
    readonly problems: unknown[] = [],
    /** The whole answer. */
    readonly body: unknown = undefined,
    /** Seconds after which to ask again; 0 when it does not say. */
    readonly retryAfter = 0,
  ) {
    super(text);
  }
  /** unreachable reports that nobody answered. */
  get unreachable(): boolean {
    return this.status === 0;
  }
}

/** Answer is what came, and its ETag for the change that follows. */
export interface Answer<T> {
  data: T;
  etag: string | null;
  status: number;
  /** The verdict that holds, as answers name it. */
  verdict: string | null;
}

export interface Options {
  signal?: AbortSignal;
  /** Of the version that is changed. */
  ifMatch?: string | undefined;
  /** Of the version that is known; unchanged answers status 304 and no data. */
  ifNoneMatch?: string | undefined;
  /** Milliseconds to wait for the whole answer. */
  timeout?: number;
  headers?: Record<string, string>;
}

const patience = 15_000;

/** get asks for path and reads JSON, numbers as they were written. */
export function get<T>(path: string, options: Options = {}): Promise<Answer<T>> {
  return ask<T>('GET', path, undefined, options);
}

/** post sends body as JSON. */
export function post<T>(path: string, body: unknown, options: Options = {}): Promise<Answer<T>> {
  return ask<T>('POST', path, JSON.stringify(body), { ...options, headers: { 'Content-Type': 'application/json', ...options.headers } });
}

/** getText asks for path and reads text. */
export async function getText(path: string, options: Options = {}): Promise<Answer<string>> {
  const { response, text } = await fetched('GET', path, undefined, options);
  if (!response.ok) throw refused(response, text);
  return { data: text, ...said(response), status: response.status };
}

/** postForFile sends body as JSON, and reads a file. */
export async function postForFile(path: string, body: unknown, timeout: number): Promise<Blob> {
  let response: Response;
  try {
    response = await fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeout),
      cache: 'no-store',
      credentials: 'same-origin',
      redirect: 'error',
    });
    if (response.ok) return await response.blob();
  } catch (err) {
    throw new ApiError(0, err instanceof Error ? err.message : String(err));
  }
  throw refused(response, await response.text());
}

async function ask<T>(method: string, path: string, body: string | undefined, options: Options): Promise<Answer<T>> {
  const { response, text } = await fetched(method, path, body, options);
  if (response.status === 304) return { data: undefined as T, ...said(response), status: 304 };
  if (!response.ok) throw refused(response, text);
  try {
    return { data: parseExact(text) as T, ...said(response), status: response.status };
  } catch {
    throw new ApiError(response.status, `${path}: the answer is not JSON: ${text.slice(0, 100)}`);
  }
}

/** said is what the headers of an answer say of it. */
function said(response: Response): { etag: string | null; verdict: string | null } {
  return { etag: response.headers.get('ETag'), verdict: verdictIn(response.headers) };
}

async function fetched(method: string, path: string, body: string | undefined, o: Options) {
  const headers: Record<string, string> = { ...o.headers };
  if (o.ifMatch) headers['If-Match'] = o.ifMatch;
  if (o.ifNoneMatch) headers['If-None-Match'] = o.ifNoneMatch;
  const ending = new AbortController();
  const end = () => ending.abort();
  const begin = Date.now();
  const timer = setTimeout(end, o.timeout ?? patience);
  o.signal?.addEventListener('abort', end);
  if (o.signal?.aborted) end();
  try {
    const response = await fetch(path, {
      method,
      headers,
      signal: ending.signal,
      cache: 'no-store',
      credentials: 'same-origin',
      redirect: 'error',
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    heard(response.headers, begin, Date.now());
    return { response, text };
  } catch (err) {
    if (o.signal?.aborted) throw err; // the caller's own doing
    throw new ApiError(0, err instanceof Error ? err.message : String(err));
  } finally {
    clearTimeout(timer);
    o.signal?.removeEventListener('abort', end);
  }
}

/** refused reads {"error":…} and {"problems":[…]}; what is neither is shown as it came, cut. */
function refused(response: Response, text: string): ApiError {
  let body: unknown;
  try {
    body = parseExact(text);
  } catch {
    return new ApiError(response.status, text.trim().slice(0, 500) || response.statusText || `status ${response.status}`);
  }
  const told = (typeof body === 'object' && body !== null ? body : {}) as { error?: unknown; problems?: unknown };
  const problems = Array.isArray(told.problems) ? told.problems : [];
  const words = typeof told.error === 'string' ? told.error : response.statusText || `status ${response.status}`;
  return new ApiError(response.status, words, problems, body, Number(response.headers.get('Retry-After')) || 0);
}

/** One is a list that is asked for by one request at a time: a newer one ends the older. */
export class One {
  private ending: AbortController | undefined;
  /** next ends the request before, and is the signal of the new one. */
  next(): AbortSignal {
    this.ending?.abort();
    this.ending = new AbortController();
    return this.ending.signal;
  }
  /** stop ends the request that is under way. */
  stop(): void {
    this.ending?.abort();
    this.ending = undefined;
  }
}

/** isAbort reports the end of a request that One or its caller ended. */
export function isAbort(err: unknown): boolean {
  return err instanceof DOMException && err.name === 'AbortError';
}
