// Whether the bridge answers: one truth for the banner and all that ask.
import { useEffect, useState } from 'preact/hooks';

export interface Connection {
  reachable: boolean;
  /** Milliseconds: when it answered last; 0 never. */
  last: number;
  /** Why it does not answer. */
  reason: string;
}

let now: Connection = { reachable: true, last: 0, reason: '' };
const watchers = new Set<() => void>();
const wakers = new Set<() => void>();

/** connection is how it is now. */
export function connection(): Connection {
  return now;
}

/** answered notes that the bridge has answered, whatever it said. */
export function answered(at = Date.now()): void {
  const before = now;
  now = { reachable: true, last: at, reason: '' };
  if (before.reachable) return;
  for (const w of watchers) w();
  for (const w of wakers) w();
}

/** silent notes that it was not reached. */
export function silent(reason: string): void {
  const before = now;
  now = { ...now, reachable: false, reason };
  if (before.reachable || before.reason !== reason) for (const w of watchers) w();
}

/** onReachable has f called each time the bridge is reached again, until the returned function is called. */
export function onReachable(f: () => void): () => void {
  wakers.add(f);
  return () => wakers.delete(f);
}

/** useConnection is how it is, anew whenever that changes. */
export function useConnection(): Connection {
  const [, again] = useState(0);
  useEffect(() => {
    const changed = () => again((n) => n + 1);
    watchers.add(changed);
    return () => {
      watchers.delete(changed);
    };
  }, []);
  return now;
}
