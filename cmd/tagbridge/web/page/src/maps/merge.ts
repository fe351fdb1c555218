// Carries the edits of one over to what another has made of the same file meanwhile. What both have changed to different
// texts is a collision: the other's text stays, and hers is shown beside it.
import { align, type Pair } from './align.ts';
import type { CsvText, Splice } from './csvtext.ts';
import type { Undo } from './undo.ts';

/** What two have changed differently. */
export interface Collision {
  readonly tag: string; // names the row
  readonly column: string; // "": the row as a whole
  readonly base: string;
  readonly mine: string | undefined; // undefined: removed
  readonly theirs: string | undefined;
}

/** Carries over what made mine of base onto theirs, as one step of its undo. */
export function merge(base: CsvText, mine: CsvText, theirs: CsvText, undo: Undo): Collision[] {
  const m = new Merging(base, mine, theirs);
  m.columns();
  m.rows();
  const splices = m.done();
  for (const s of [...splices].reverse()) theirs.revert(s);
  undo.do(theirs, { splices, row: theirs.header + 1, column: 0 });
  return m.collisions;
}

/** A change at a line of theirs, made once all those below it are. */
interface Change {
  at: number;
  adds: boolean;
  make: () => Splice;
}

class Merging {
  readonly collisions: Collision[] = [];
  private readonly there: Map<number, number | undefined>; // line of base to line of theirs
  private names: string[]; // of theirs, with the columns that are added
  private readonly tags = new Map<string, number>(); // lines of theirs
  private readonly changes: Change[] = [];
  private readonly made: Splice[] = [];

  constructor(private readonly base: CsvText, private readonly mine: CsvText, private readonly theirs: CsvText) {
    this.there = new Map(align(base, theirs).flatMap((p) => (p.a === undefined ? [] : [[p.a, p.b] as const])));
    this.names = theirs.columns();
    const tag = this.names.indexOf('tag');
    for (let i = theirs.header + 1; i < theirs.length; i++) {
      const name = theirs.line(i).kind === 'row' ? theirs.cells(i)[tag] : '';
      if (name && !this.tags.has(name)) this.tags.set(name, i);
    }
  }

  /** Adds the columns that she has added. */
  columns(): void {
    const before = this.base.columns();
    for (const name of this.mine.columns()) {
      if (name === '' || before.includes(name) || this.names.includes(name)) continue;
      const s = this.theirs.addingColumn(name);
      this.theirs.apply(s);
      this.made.push(s);
      this.names = this.theirs.columns();
    }
  }

  rows(): void {
    let added: string[][] = [];
    let end = this.theirs.length; // where rows go that come before what was looked at last
    for (const p of align(this.base, this.mine).reverse()) {
      if (p.a === undefined) {
        added.unshift(this.inTheirs(p.b as number));
        continue;
      }
      const at = this.there.get(p.a);
      if (added.length > 0) this.adding(at === undefined ? end : at + 1, added);
      added = [];
      if (at !== undefined) end = at;
      this.paired(p as Pair & { a: number }, at);
    }
  }

  /** Makes the changes, from the last line to the first, so that places stay as they are above. */
  done(): Splice[] {
    this.changes.sort((a, b) => b.at - a.at || Number(a.adds) - Number(b.adds));
    for (const c of this.changes) {
      const s = c.make();
      this.theirs.apply(s);
      this.made.push(s);
    }
    return this.made;
  }

  private adding(at: number, rows: string[][]): void {
    const tag = this.names.indexOf('tag');
    const fresh = rows.filter((cells) => {
      const same = this.tags.get(cells[tag] ?? '');
      if (same === undefined) return true;
      const has = this.theirs.cells(same);
      for (const [n, text] of cells.entries()) {
        if (text !== '' && text !== (has[n] ?? '')) this.collide(cells[tag] ?? '', this.names[n] ?? '', '', text, has[n] ?? '');
      }
      return false;
    });
    const place = Math.max(at, this.theirs.header + 1);
    if (fresh.length > 0) this.changes.push({ at: place, adds: true, make: () => this.theirs.inserting(place, fresh) });
  }

  private paired(p: Pair & { a: number }, at: number | undefined): void {
    const before = this.base.line(p.a);
    if (p.b === undefined) return this.removed(p.a, at);
    const mine = this.mine.line(p.b);
    if (mine.raw.trimEnd() === before.raw.trimEnd() || p.a === this.base.header) return;
    const tag = this.name(p.a);
    if (at === undefined) return this.collide(tag, '', before.raw, mine.raw, undefined);
    const theirs = this.theirs.line(at);
    if (before.kind !== 'comment' && mine.kind !== 'comment' && theirs.kind !== 'comment') return this.cells(p.a, p.b, at, tag);
    if (theirs.raw.trimEnd() === before.raw.trimEnd()) {
      this.changes.push({ at, adds: false, make: () => this.theirs.rewriting(at, mine.raw.replace(/[\r\n]+$/, '')) });
    } else if (theirs.raw.trimEnd() !== mine.raw.trimEnd()) {
      this.collide(tag, '', before.raw, mine.raw, theirs.raw);
    }
  }

  private cells(a: number, b: number, at: number, tag: string): void {
    const was = this.inTheirs(a, this.base);
    const has = this.theirs.cells(at);
    const set = new Map<number, string>();
    for (const [n, text] of this.inTheirs(b).entries()) {
      const old = was[n] ?? '';
      const now = has[n] ?? '';
      if (text === old || text === now) continue;
      if (now === old) set.set(n, text);
      else this.collide(tag, this.names[n] ?? '', old, text, now);
    }
    if (set.size > 0) this.changes.push({ at, adds: false, make: () => this.theirs.setting(new Map([[at, set]])) });
  }

  private removed(a: number, at: number | undefined): void {
    if (at === undefined) return;
    if (this.theirs.line(at).raw.trimEnd() === this.base.line(a).raw.trimEnd()) {
      this.changes.push({ at, adds: false, make: () => this.theirs.removing(at, 1) });
    } else {
      this.collide(this.name(a), '', this.base.line(a).raw, undefined, this.theirs.line(at).raw);
    }
  }

  /** The cells of a line in the order of their columns. */
  private inTheirs(line: number, from: CsvText = this.mine): string[] {
    const cells = from.cells(line);
    const columns = from.columns();
    if (from.line(line).kind === 'comment') return cells;
    const made: string[] = [];
    for (const [n, name] of this.names.entries()) {
      const nth = this.names.slice(0, n).filter((x) => x === name).length;
      let seen = -1;
      const at = columns.findIndex((c) => c === name && ++seen === nth);
      made.push(at < 0 ? '' : (cells[at] ?? ''));
    }
    return made;
  }

  private name(line: number): string {
    const tag = this.base.cells(line)[this.base.columns().indexOf('tag')];
    return this.base.line(line).kind === 'row' && tag ? tag : this.base.line(line).raw.trim().slice(0, 80);
  }

  private collide(tag: string, column: string, base: string, mine: string | undefined, theirs: string | undefined): void {
    this.collisions.push({ tag, column, base: base.trim(), mine: mine?.trim(), theirs: theirs?.trim() });
  }
}
