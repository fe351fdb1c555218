// A map in CSV as she is changing it: its text, what she did, what is wrong with it, and which of its rows are seen.
import type { Problem } from './api.ts';
import { formatRange, parseRange } from './clipboard.ts';
import { columnNames, numberColumns } from './columns.ts';
import type { Line } from './csvread.ts';
import { CsvText, type Cells, type Splice } from './csvtext.ts';
import { hasDecimalCommas, withPoint } from './decimals.ts';
import { registers, series } from './fill.ts';
import type { Mark } from './grid.ts';
import { Marks, type Found, type Snapshot } from './marks.ts';
import { indices, Seen } from './seen.ts';
import type { Range } from './selection.ts';
import { Undo, type Step } from './undo.ts';

const known = (name: string) => columnNames.includes(name);

export class MapDraft {
  undo = new Undo();
  private readonly seen: Seen;
  private readonly marks: Marks;
  private texts = new WeakMap<Line, readonly string[]>();

  constructor(readonly map: CsvText) {
    this.seen = new Seen(map);
    this.marks = new Marks(map);
  }

  /** Reads a file; undefined when it is no table, so that its text is to be edited. */
  static read(text: string): MapDraft | undefined {
    const map = CsvText.read(text, known);
    return map && new MapDraft(map);
  }

  get rows(): number {
    return this.seen.rows;
  }

  get columns(): readonly string[] {
    return this.map.columns();
  }

  get filtered(): boolean {
    return this.seen.filtered;
  }

  /** The line of the map that a row is. */
  lineOf(row: number): number {
    return this.seen.lineOf(row);
  }

  rowOf(line: Line | undefined): number {
    return line ? this.seen.rowOf(line) : -1;
  }

  number(row: number): number {
    return this.seen.number(row);
  }

  line(row: number): Line {
    return this.map.line(this.lineOf(row));
  }

  /** A row that is one text: a comment. */
  whole(row: number): string | undefined {
    const line = this.line(row);
    return line.kind === 'comment' || line.kind === 'before' ? line.raw.replace(/[\r\n]+$/, '') : undefined;
  }

  cells(row: number): readonly string[] {
    const i = this.lineOf(row);
    const line = this.map.line(i);
    let texts = this.texts.get(line);
    if (!texts) this.texts.set(line, (texts = this.map.cells(i)));
    return texts;
  }

  mark(row: number, column: number): Mark | undefined {
    return this.marks.of(this.line(row), column);
  }

  /** The tag of a row. */
  tag(row: number): string {
    return this.line(row).kind === 'row' ? (this.cells(row)[this.columns.indexOf('tag')] ?? '') : '';
  }

  /** Shows only rows with a text in them, or those that have problems. */
  show(text: string, faulty: boolean): void {
    const wanted = text.trim().toLowerCase();
    const has = (row: number) => (this.whole(row) ?? this.cells(row).join('\n')).toLowerCase().includes(wanted);
    const all = wanted === '' && !faulty;
    this.seen.only(all ? undefined : (row) => (!faulty || this.marks.has(this.line(row))) && has(row));
  }

  // Edits. Each is a step that can be undone; false: nothing changed.

  set(row: number, column: number, text: string): boolean {
    const i = this.lineOf(row);
    if (i < this.map.header) return false;
    if (this.whole(row) !== undefined) return this.whole(row) !== text && this.do([this.map.rewriting(i, text)], row, column);
    return this.do([this.map.setting(new Map([[i, this.converted([[text]], column)[0] as Cells]]))], row, column);
  }

  clear(r: Range): boolean {
    const cells = new Map(indices(r.left, r.right).map((c) => [c, '']));
    return this.setRows(this.editable(r.top, r.bottom).map((i) => [i, cells]), r);
  }

  /** Puts a range of a spreadsheet where r begins; one of a row, or of a cell, fills all of r. Rows that are missing are added. */
  paste(r: Range, text: string): Range | undefined {
    let given = parseRange(text);
    if (given.length === 0) return undefined;
    const height = r.bottom - r.top + 1;
    if (given.length === 1 && height > 1) given = Array.from({ length: height }, () => given[0] as string[]);
    if (given.every((row) => row.length === 1)) given = given.map((row) => indices(r.left, r.right).map(() => row[0] as string));
    const rows = this.converted(given, r.left);
    const lines = this.editable(r.top, this.rows - 1).slice(0, rows.length);
    const splices: Splice[] = lines.length > 0 ? [this.map.setting(new Map(lines.map((i, n) => [i, rows[n] as Cells])))] : [];
    if (!this.do(splices, r.top, r.left, rows.slice(lines.length))) return undefined;
    const width = Math.max(...given.map((g) => g.length));
    return { top: r.top, left: r.left, bottom: Math.min(this.rows - 1, r.top + rows.length - 1), right: Math.min(this.columns.length, r.left + width) - 1 };
  }

  copy(r: Range): string {
    const rows = indices(r.top, Math.min(r.bottom, this.rows - 1)).filter((row) => this.whole(row) === undefined);
    return formatRange(rows.map((row) => indices(r.left, r.right).map((c) => this.cells(row)[c] ?? '')));
  }

  /** Fills the rows below a range up to row to: with its texts again, or as a series. */
  fill(from: Range, to: number, asSeries: boolean): boolean {
    const given = this.editable(from.top, from.bottom);
    const below = this.editable(from.bottom + 1, to);
    if (given.length === 0) return false;
    const rows = below.map(() => new Map<number, string>());
    for (const c of indices(from.left, from.right)) {
      const texts = given.map((i) => this.map.cells(i)[c] ?? '');
      const made = asSeries ? series(texts, below.length, this.step(given, c)) : below.map((_, n) => texts[n % texts.length] ?? '');
      made.forEach((text, n) => rows[n]?.set(c, text));
    }
    return this.setRows(below.map((i, n) => [i, rows[n] as Cells]), from);
  }

  /** By how much a column goes on in a series: addresses by what a value takes, names by one, other cells not at all. */
  private step(given: readonly number[], column: number): number {
    const name = this.columns[column];
    if (name === 'tag') return 1;
    if (name !== 'address') return 0;
    return registers(this.map.cells(given[given.length - 1] as number)[this.columns.indexOf('type')] ?? '');
  }

  insert(row: number, rows: readonly (readonly string[])[]): boolean {
    const i = Math.max(this.lineOf(row), this.map.header + 1);
    return this.do([this.map.inserting(i, rows)], row, 0);
  }

  /** Puts rows, cells by the names of their columns, at the end. */
  append(rows: readonly ReadonlyMap<string, string>[]): boolean {
    const splices: Splice[] = [];
    for (const name of new Set(rows.flatMap((r) => [...r].filter(([, text]) => text !== '').map(([n]) => n)))) {
      if (this.map.columns().includes(name)) continue;
      const s = this.map.addingColumn(name);
      this.map.apply(s);
      splices.push(s);
    }
    const cells = rows.map((r) => this.map.columns().map((name) => r.get(name) ?? ''));
    for (const s of [...splices].reverse()) this.map.revert(s);
    return this.doAll([...splices.map((s) => () => s), () => this.map.inserting(this.map.length, cells)], this.rows, 0);
  }

  remove(r: Range): boolean {
    const lines = indices(r.top, r.bottom).map((row) => this.lineOf(row)).filter((i) => i > this.map.header).reverse();
    const runs: [number, number][] = []; // lines that are beside each other, the last first
    for (const i of lines) {
      const run = runs[runs.length - 1];
      if (run && run[0] === i + 1) [run[0], run[1]] = [i, run[1] + 1];
      else runs.push([i, 1]);
    }
    return this.doAll(runs.map(([i, n]) => () => this.map.removing(i, n)), r.top, r.left);
  }

  addColumn(name: string): boolean {
    return this.do([this.map.addingColumn(name)], 0, 0);
  }

  /** Takes back a step; where it was. */
  back(): Step | undefined {
    const step = this.undo.undo(this.map);
    for (const s of [...(step?.splices ?? [])].reverse()) this.seen.moved(s, true);
    this.seen.look();
    return step;
  }

  again(): Step | undefined {
    const step = this.undo.redo(this.map);
    for (const s of step?.splices ?? []) this.seen.moved(s);
    this.seen.look();
    return step;
  }

  // Checks.

  /** The problems of the last check, in this file. */
  get found(): readonly Found[] {
    return this.marks.found;
  }

  /** The lines as they are now, for what a check of them finds. */
  snapshot(): Snapshot {
    return { lines: indices(0, this.map.length - 1).map((i) => this.map.line(i)), numbers: this.seen.places };
  }

  /** Takes what a check has found in the lines of a snapshot. */
  mend(problems: readonly Problem[], snapshot: Snapshot): void {
    this.marks.take(problems, snapshot);
    this.seen.look();
  }

  private editable(top: number, bottom: number): number[] {
    return indices(top, Math.min(bottom, this.rows - 1))
      .filter((row) => this.whole(row) === undefined)
      .map((row) => this.lineOf(row))
      .filter((i) => i > this.map.header);
  }

  /** The cells of rows from a column on, with the decimal mark of the file. */
  private converted(rows: readonly (readonly string[])[], left: number): Cells[] {
    const columns = this.columns;
    const name = (n: number) => columns[left + n] ?? '';
    const point = this.map.separator !== ';';
    const decimal = point && hasDecimalCommas(rows.flatMap((r) => r.map((text, n) => ({ column: name(n), text }))), numberColumns);
    return rows.map((r) => new Map(r.map((text, n) => [left + n, point ? withPoint({ column: name(n), text }, decimal, numberColumns) : text])));
  }

  private setRows(rows: [number, Cells][], r: Range): boolean {
    return rows.length > 0 && this.do([this.map.setting(new Map(rows))], r.top, r.left);
  }

  /** Does splices, and puts rows after the last. */
  private do(splices: readonly Splice[], row: number, column: number, more: readonly Cells[] = []): boolean {
    const width = this.columns.length;
    const texts = more.map((cells) => indices(0, Math.max(width, ...cells.keys()) - 1).map((c) => cells.get(c) ?? ''));
    const makes: (() => Splice)[] = splices.map((s) => () => s);
    if (more.length > 0) makes.push(() => this.map.inserting(this.map.length, texts));
    return this.doAll(makes, row, column);
  }

  /** Does one splice after another, each made of the map as the one before has left it. */
  private doAll(makes: readonly (() => Splice)[], row: number, column: number): boolean {
    const splices: Splice[] = [];
    try {
      for (const make of makes) {
        const s = make();
        this.map.apply(s);
        splices.push(s);
      }
    } finally {
      for (const s of [...splices].reverse()) this.map.revert(s);
    }
    const done = this.undo.do(this.map, { splices, row, column });
    if (done) for (const s of splices) this.seen.moved(s);
    this.seen.look();
    return done;
  }
}
