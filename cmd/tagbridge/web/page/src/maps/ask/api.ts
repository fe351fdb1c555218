// What devices are asked over the bridge's own connection: each question is traffic on a line that others use too.
import { ApiError, post } from '../../api.ts';
import type { Value } from '../../number.ts';

// The bridge waits for its turn on the line, then asks; it gives up before this.
const patience = 60_000;

// Another question may be on the connection: its turn is waited for this long.
const longestWait = 30_000;

/** question asks, and asks again as long as the bridge says that somebody else is asking. */
async function question<T>(path: string, body: unknown, signal: AbortSignal): Promise<T> {
  const end = Date.now() + longestWait;
  for (;;) {
    try {
      return (await post<T>(path, body, { signal, timeout: patience })).data;
    } catch (err) {
      const wait = err instanceof ApiError && err.status === 503 ? err.retryAfter * 1000 : 0;
      if (wait === 0 || Date.now() + wait > end) throw err;
      await pause(wait, signal);
    }
  }
}

/** pause waits; it fails at once when the signal ends what is asked. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
  signal.throwIfAborted();
}

/** A row as it is sent: texts of cells by the names of their columns. */
export type Cells = Record<string, string>;

/** What a row gave. */
export interface Reading {
  value: Value;
  quality: string;
  raw: string;
  error: string;
}

/** Reads rows once; an element of the answer for each. */
export function readRows(device: string, rows: readonly Cells[], signal: AbortSignal): Promise<Reading[]> {
  return question<Reading[]>('/api/v1/read', { device, rows }, signal);
}

/** A node of an OPC UA server. */
export interface Node {
  name: string;
  /** "" when no map can name it. */
  address: string;
  class: 'object' | 'variable';
  type: string;
  value: string;
  quality: string;
  unit: string;
  description: string;
  /** Rows of a map that would read it; of an object none. */
  rows: Cells[];
  /** Why there are none, or not all of them. */
  why: string;
}

/** Nodes below another. next: the first of those that are left out; null: there are no more. */
export interface Level {
  nodes: Node[];
  next: number | null;
}

/** What is below a node from the first on; root "" is where the tree begins, path are the names down to it. */
export function browse(device: string, root: string, path: readonly string[], first: number, signal: AbortSignal): Promise<Level> {
  return question<Level>('/api/v1/browse', { device, root, path, first }, signal);
}

/** What a display showed, and the registers of then; without them, those of now are read. */
export interface Shown {
  shows: string;
  dump: string;
}

/** A place where registers give what the display shows. */
export interface Candidate {
  address: string;
  value: string;
  /** Another type that gives the same so far; "": none. */
  same: string;
  moved: boolean;
  row: Cells;
}

/** What registers look like: a guess. */
export interface Look {
  range: string;
  looks: string;
  value: string;
  moves: boolean;
  row: Cells;
}

export interface Probed {
  /** The registers that were read, to be sent with the next reading. */
  dump: string;
  incomplete: string;
  refused: { range: string; why: string }[];
  sure: string;
  why: string;
  candidates: Candidate[];
  order: string;
  order_why: string;
  looks: Look[];
}

/** Reads ranges of registers and looks for what the display shows, now and in earlier readings. */
export function probe(device: string, ranges: readonly string[], readings: readonly Shown[], signal: AbortSignal): Promise<Probed> {
  return question<Probed>('/api/v1/probe', { device, ranges, readings }, signal);
}
