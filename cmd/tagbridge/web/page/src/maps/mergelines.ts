// Carries over the edits of a text, as merge does with tables, line by line.
import type { Collision } from './merge.ts';

/** A run of lines of base that became others. */
interface Change {
  from: number;
  to: number;
  lines: string[];
}

/** The text of theirs with what made mine of base, where that does not collide. */
export function mergeLines(base: string, mine: string, theirs: string): { text: string; collisions: Collision[] } {
  const lines = split(base);
  const hers = changes(lines, split(mine));
  const others = changes(lines, split(theirs));
  const collisions: Collision[] = [];
  const take = [...others];
  for (const h of hers) {
    const met = others.filter((o) => touch(h, o));
    if (met.length === 0) {
      take.push(h);
      continue;
    }
    const same = met.some((o) => o.from === h.from && o.to === h.to && o.lines.join('') === h.lines.join(''));
    const text = (l: string[]) => l.join('').trim();
    if (!same) {
      const number = String(h.from + 1);
      collisions.push({ tag: number, column: '', base: text(lines.slice(h.from, h.to)), mine: text(h.lines), theirs: text(met.flatMap((o) => o.lines)) });
    }
  }
  let text = '';
  let at = 0;
  for (const c of take.sort((a, b) => a.from - b.from)) {
    text += lines.slice(at, c.from).join('') + c.lines.join('');
    at = c.to;
  }
  return { text: text + lines.slice(at).join(''), collisions };
}

const split = (text: string) => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

function touch(a: Change, b: Change): boolean {
  return a.from <= b.to && b.from <= a.to;
}

/** What is different: runs between lines that are the same. */
function changes(a: string[], b: string[]): Change[] {
  const made: Change[] = [];
  const places = new Map<string, number[]>(); // in b
  for (const [n, line] of b.entries()) if (line.trim() !== '') places.set(line, [...(places.get(line) ?? []), n].slice(-many));
  let [i, k] = [0, 0];
  while (i < a.length || k < b.length) {
    if (i < a.length && k < b.length && a[i] === b[k]) {
      i++;
      k++;
      continue;
    }
    const [x, y] = meeting(a, b.length, places, i, k);
    made.push({ from: i, to: x, lines: b.slice(k, y) });
    [i, k] = [x, y];
  }
  return made;
}

const many = 50; // a line that is there more often says nothing of where one is

/** The next places where both are the same again. */
function meeting(a: string[], end: number, places: ReadonlyMap<string, number[]>, i: number, k: number): [number, number] {
  let best: [number, number] = [a.length, end];
  for (let x = i; x < a.length && x - i < best[0] - i + best[1] - k; x++) {
    const y = places.get(a[x] as string)?.find((n) => n >= k);
    if (y !== undefined && x - i + y - k < best[0] - i + best[1] - k) best = [x, y];
  }
  return best;
}
