// What time is looked at: the last so many seconds, or from a time to another.
import type { Key } from '../text/index.ts';

export type Range = { span: number } | { from: number; to: number };

/** spans are what there is to choose from; 0 is as far as the journal goes. */
export const spans: readonly { span: number; text: Key }[] = [
  { span: 60, text: 'trends.1min' },
  { span: 600, text: 'trends.10min' },
  { span: 3600, text: 'trends.1h' },
  { span: 8 * 3600, text: 'trends.8h' },
  { span: 24 * 3600, text: 'trends.1d' },
  { span: 7 * 86400, text: 'trends.7d' },
  { span: 30 * 86400, text: 'trends.30d' },
  { span: 0, text: 'trends.everything' },
];

/** isLive reports a range that goes on with the time. */
export function isLive(r: Range): r is { span: number } {
  return 'span' in r;
}

/** rangeOf reads what textOf wrote; what is none is the last ten minutes. */
export function rangeOf(text: string | null): Range {
  const fixed = /^(\d{9,11}(?:\.\d{1,3})?)-(\d{9,11}(?:\.\d{1,3})?)$/.exec(text ?? '');
  if (fixed && Number(fixed[2]) > Number(fixed[1])) return { from: Number(fixed[1]), to: Number(fixed[2]) };
  const span = Number(text);
  return { span: text !== null && text !== '' && spans.some((s) => s.span === span) ? span : 600 };
}

export function textOf(r: Range): string {
  const cut = (n: number) => String(Math.round(n * 1000) / 1000);
  return isLive(r) ? String(r.span) : `${cut(r.from)}-${cut(r.to)}`;
}

const shortest = 1; // seconds
const longest = 20 * 365 * 86400;

/** zoomed is r by a factor around its middle: above 1 is more time. */
export function zoomed(from: number, to: number, factor: number): Range {
  const middle = (from + to) / 2;
  const half = Math.min(Math.max(((to - from) / 2) * factor, shortest / 2), longest / 2);
  return { from: middle - half, to: middle + half };
}

/** moved is r later by so much of its length; earlier where that is negative. */
export function moved(from: number, to: number, share: number): Range {
  const by = (to - from) * share;
  return { from: from + by, to: to + by };
}
