// Polling: every second, one request at a time, not while nobody looks, ever slower while the bridge does not answer, and
// at once when it does again.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, get, isAbort, type Answer } from './api.ts';
import { answered, onReachable, silent } from './connection.ts';

const slowest = 10_000;
// What was refused, such as a tag that is in no map, is refused again: but it may be there after a reload.
const refusedFor = 30_000;

/** passing are refusals that may be other ones a moment later. */
const passing = new Set([401, 408, 409, 425, 429]);

/** lasting reports an answer that stays what it is for as long as nobody changes the configuration. */
function lasting(e: ApiError): boolean {
  return e.status === 501 || (e.status >= 400 && e.status < 500 && !passing.has(e.status));
}

/** Poller calls ask again and again, each time after the one before has ended. */
export class Poller {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private ending: AbortController | undefined;
  private failures = 0;
  private running = false;
  private forget: (() => void)[] = [];

  constructor(
    private readonly ask: (signal: AbortSignal) => Promise<void>,
    private readonly failed: (err: ApiError) => void,
    private readonly interval = 1000,
  ) {}

  start(): void {
    if (this.running) return;
    this.running = true;
    const seen = () => (document.hidden ? this.pause() : this.now());
    document.addEventListener('visibilitychange', seen);
    this.forget = [() => document.removeEventListener('visibilitychange', seen), onReachable(() => this.now())];
    if (!document.hidden) this.now();
  }

  stop(): void {
    this.running = false;
    for (const f of this.forget.splice(0)) f();
    this.pause();
  }

  /** now asks at once, unless it is asking. */
  now(): void {
    if (!this.running || this.ending || document.hidden) return;
    clearTimeout(this.timer);
    void this.once();
  }

  private pause(): void {
    clearTimeout(this.timer);
    this.ending?.abort();
    this.ending = undefined;
  }

  private async once(): Promise<void> {
    const mine = new AbortController();
    this.ending = mine;
    let wait = this.interval;
    try {
      await this.ask(mine.signal);
      this.failures = 0;
      answered();
    } catch (err) {
      if (isAbort(err) || mine.signal.aborted) return;
      wait = this.failure(err);
    } finally {
      if (this.ending === mine) this.ending = undefined;
    }
    if (this.running && !mine.signal.aborted && !document.hidden) this.timer = setTimeout(() => this.now(), wait);
  }

  /** failure notes err and says how long to wait. */
  private failure(err: unknown): number {
    const e = err instanceof ApiError ? err : new ApiError(-1, err instanceof Error ? err.message : String(err));
    this.failures++;
    if (e.unreachable) silent(e.text);
    else if (e.status > 0) answered();
    this.failed(e);
    if (lasting(e)) return refusedFor;
    return Math.max(e.retryAfter * 1000, Math.min(this.interval * 2 ** Math.min(this.failures - 1, 10), Math.max(slowest, this.interval)));
  }
}

/** Polled is the last answer, kept while newer ones fail. */
export interface Polled<T> {
  data: T | undefined;
  error: ApiError | undefined;
  /** now asks at once, as after a change. */
  now: () => void;
}

/**
 * usePoll asks for path every interval for as long as the component is there; a path of '' asks for nothing. took, which is
 * always the same, is given each new answer as it comes.
 */
export function usePoll<T>(path: string, interval = 1000, took?: (answer: Answer<T>) => void): Polled<T> {
  const [state, set] = useState<{ path: string; data: T | undefined; error: ApiError | undefined }>({ path, data: undefined, error: undefined });
  const poller = useRef<Poller>(undefined);
  useEffect(() => {
    if (path === '') return;
    let etag: string | undefined;
    const p = new Poller(
      async (signal) => {
        const answer = await get<T>(path, { signal, ifNoneMatch: etag });
        etag = answer.etag ?? undefined;
        if (answer.status !== 304) {
          took?.(answer);
          set({ path, data: answer.data, error: undefined });
        } else set((s) => (s.error ? { ...s, error: undefined } : s));
      },
      (error) => set((s) => ({ path, data: s.path === path ? s.data : undefined, error })),
      interval,
    );
    poller.current = p;
    p.start();
    return () => p.stop();
  }, [path, interval]);
  const mine = state.path === path;
  return { data: mine ? state.data : undefined, error: mine ? state.error : undefined, now: () => poller.current?.now() };
}
