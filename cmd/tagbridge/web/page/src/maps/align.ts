// Which lines of two states of a map are the same, changed, added or removed.
import type { CsvText } from './csvtext.ts';

/** A line of a and what became of it in b; undefined: added, or removed. */
export interface Pair {
  a: number | undefined;
  b: number | undefined;
}

/** The lines of two maps from the header on, in the order of b; those that are only in a are after what preceded them. */
export function align(a: CsvText, b: CsvText): Pair[] {
  const pairs: Pair[] = [{ a: a.header, b: b.header }];
  const same = anchors(a, b);
  let [i, k] = [a.header + 1, b.header + 1];
  for (const [x, y] of [...same, [a.length, b.length] as const]) {
    pairs.push(...gap(a, b, range(i, x), range(k, y)));
    if (x < a.length) pairs.push({ a: x, b: y });
    [i, k] = [x + 1, y + 1];
  }
  return pairs;
}

const range = (from: number, to: number) => Array.from({ length: Math.max(0, to - from) }, (_, n) => from + n);

/** Lines that are equal and there once in each, in an order that both have: their longest row of growing places. */
function anchors(a: CsvText, b: CsvText): (readonly [number, number])[] {
  const places = (m: CsvText) => {
    const at = new Map<string, number>();
    for (let i = m.header + 1; i < m.length; i++) {
      const raw = m.line(i).raw.trimEnd();
      at.set(raw, at.has(raw) ? -1 : i);
    }
    return at;
  };
  const inB = places(b);
  const both = [...places(a)].flatMap(([raw, i]) => {
    const k = inB.get(raw) ?? -1;
    return i >= 0 && k >= 0 && raw !== '' ? [[i, k] as const] : [];
  });
  return growing(both);
}

function growing(list: (readonly [number, number])[]): (readonly [number, number])[] {
  const tails: number[] = []; // of the best row of each length, where in list it ends
  const before = new Array<number>(list.length).fill(-1);
  const end = (n: number) => list[tails[n] ?? 0]?.[1] ?? 0;
  for (const [n, [, k]] of list.entries()) {
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (end(middle) < k) low = middle + 1;
      else high = middle;
    }
    before[n] = low > 0 ? (tails[low - 1] ?? -1) : -1;
    tails[low] = n;
  }
  const made: (readonly [number, number])[] = [];
  for (let n = tails[tails.length - 1] ?? -1; n >= 0; n = before[n] ?? -1) made.push(list[n] as readonly [number, number]);
  return made.reverse();
}

/** The lines between two that are the same: those of one tag belong together, the rest in order where that is clear. */
function gap(a: CsvText, b: CsvText, left: number[], right: number[]): Pair[] {
  const partner = new Map<number, number>(); // by line of b
  const tag = (m: CsvText, i: number) => {
    const name = m.line(i).kind === 'row' ? m.cells(i)[m.columns().indexOf('tag')] : '';
    return name || m.line(i).raw.trimEnd();
  };
  const byTag = new Map<string, number[]>();
  for (const i of left) byTag.set(tag(a, i), [...(byTag.get(tag(a, i)) ?? []), i]);
  for (const k of right) {
    const i = byTag.get(tag(b, k))?.shift();
    if (i !== undefined) partner.set(k, i);
  }
  const taken = new Set(partner.values());
  const restA = left.filter((i) => !taken.has(i));
  const restB = right.filter((k) => !partner.has(k));
  if (restA.length === restB.length) restB.forEach((k, n) => partner.set(k, restA[n] as number));
  const used = new Set(partner.values());
  const removed = left.filter((i) => !used.has(i)).map((i) => ({ a: i, b: undefined }));
  return [...removed, ...right.map((k) => ({ a: partner.get(k), b: k }))];
}
