// What every answer of the bridge says along the way: which verdict holds, and what its clock says.

/** verdictIn is the name of the verdict that holds; null where the bridge has not said it. */
export function verdictIn(headers: Headers): string | null {
  return headers.get('X-Tagbridge-Status');
}

let verdict = '';
let last = 0;
let ahead = 0;
const listeners = new Set<() => void>();

/** heard notes what the headers of an answer say, which was asked for and came at these milliseconds. */
export function heard(headers: Headers, begin: number, end: number): void {
  const holds = verdictIn(headers);
  if (holds === null) return; // a proxy's own answer
  ahead = skew(Date.parse(headers.get('Date') ?? ''), begin, end, ahead);
  last = performance.now();
  if (holds === verdict) return;
  verdict = holds;
  for (const f of listeners) setTimeout(f, 0); // whoever asked takes it over first
}

/** verdictThatHolds is that of the last answer; '' before the first. */
export function verdictThatHolds(): string {
  return verdict;
}

/** sinceHeard is how many milliseconds ago the last answer came. */
export function sinceHeard(): number {
  return last === 0 ? Infinity : performance.now() - last;
}

/** onVerdict has f called each time another verdict holds, until the returned function is called. */
export function onVerdict(f: () => void): () => void {
  listeners.add(f);
  return () => listeners.delete(f);
}

/** bridgeNow is what the clock of the bridge says, by which ages are reckoned: panels have clocks that are wrong. */
export function bridgeNow(): Date {
  return new Date(Date.now() + ahead);
}

/**
 * skew is how far the bridge's clock is ahead, which says whole seconds; what they or the way of the answer may explain is none,
 * or as before.
 */
export function skew(said: number, begin: number, end: number, before = 0): number {
  if (Number.isNaN(said)) return before;
  const off = said + 500 - (begin + end) / 2;
  const unsure = Math.max(1500, end - begin);
  if (Math.abs(off) <= unsure) return 0;
  return Math.abs(off - before) <= unsure ? before : off;
}
