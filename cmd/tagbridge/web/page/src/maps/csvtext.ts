// A map as the text of its file, edited in place: an edit puts new text where the touched cells were, and everything else
// stays byte for byte.
import { cellsOf, endOf, heightOf, readCsv, readLines, trim, type Cell, type Line, type Read, type Separator } from './csvread.ts';
import { harmless, plain } from './harmless.ts';

/** Lines that were put in the place of others: one edit, and how to take it back. */
export interface Splice {
  readonly at: number;
  readonly removed: readonly Line[];
  readonly inserted: readonly Line[];
}

/** Why an edit cannot be made: the key of a text, and the line that is to be mended first. */
export class EditFault extends Error {
  constructor(readonly reason: 'unclosedQuote' | 'commentOverLines' | 'notOneRow', readonly line: number) {
    super(reason);
  }
}

/** The new texts of cells of one line, by column. */
export type Cells = ReadonlyMap<number, string>;

/** A map file in CSV. */
export class CsvText {
  readonly separator: Separator;
  readonly header: number;
  private lines: Line[];
  private unclosed: number;
  private readonly everUnclosed: boolean; // edits make none
  private readonly end: string; // the line end of new lines

  constructor(read: Read) {
    this.separator = read.separator;
    this.header = read.header;
    this.lines = read.lines;
    this.unclosed = read.unclosed;
    this.everUnclosed = read.unclosed >= 0;
    this.end = endOf(this.lines[this.header]?.raw ?? '') || '\n';
  }

  /** Reads a file; undefined when it has no header, so that there is no grid to show. */
  static read(text: string, known: (name: string) => boolean): CsvText | undefined {
    const read = readCsv(text, known);
    return read.header < 0 ? undefined : new CsvText(read);
  }

  get length(): number {
    return this.lines.length;
  }

  line(i: number): Line {
    const line = this.lines[i];
    if (!line) throw new RangeError(`there is no line ${i}`);
    return line;
  }

  text(): string {
    return this.lines.map((l) => l.raw).join('');
  }

  /** The texts of a line's cells, as they are shown; those of a header too. */
  cells(i: number): string[] {
    return this.spans(i).map(shown);
  }

  /** The names of the columns. */
  columns(): string[] {
    return this.cells(this.header);
  }

  /** Where in the file each line begins, from 1. */
  numbers(): Uint32Array {
    const at = new Uint32Array(this.lines.length);
    let line = 1;
    this.lines.forEach((l, i) => {
      at[i] = line;
      line += heightOf(l);
    });
    return at;
  }

  /** The column of the grid in which a place of the file is, counted in characters from 1 within line i. */
  columnAt(i: number, lineInRecord: number, character: number): number {
    const raw = this.line(i).raw;
    let from = 0;
    for (let n = 0; n < lineInRecord; n++) {
      const end = /\r\n|\r|\n/.exec(raw.slice(from));
      if (!end) break;
      from += end.index + end[0].length;
    }
    const offset = from + [...raw.slice(from)].slice(0, character - 1).join('').length;
    const spans = this.spans(i);
    const found = spans.findIndex((c) => offset <= c.to);
    return found < 0 ? spans.length - 1 : found;
  }

  /** What changes when cells are set, by line; nothing is changed yet. */
  setting(rows: ReadonlyMap<number, Cells>): Splice {
    let [from, to] = [this.lines.length, 0];
    for (const i of rows.keys()) [from, to] = [Math.min(from, i), Math.max(to, i + 1)];
    const removed = this.lines.slice(from, to);
    const inserted = removed.map((line, n) => {
      const cells = rows.get(from + n);
      return cells ? this.withCells(from + n, cells) : line;
    });
    return { at: from, removed, inserted };
  }

  /** What changes when rows are put before line at. */
  inserting(at: number, rows: readonly (readonly string[])[]): Splice {
    const width = this.columns().length;
    const made = rows.map((cells) => this.made(at, cells, width));
    if (at < this.lines.length) return { at, removed: [], inserted: made };
    const last = this.line(at - 1);
    if (endOf(last.raw) !== '') return { at, removed: [], inserted: made };
    // The file does not end with a line end: it is not to end with one after this either.
    const tail = made.pop();
    if (!tail) return { at, removed: [], inserted: [] };
    const bare = { ...tail, raw: tail.raw.slice(0, -this.end.length) };
    return { at: at - 1, removed: [last], inserted: [{ ...last, raw: last.raw + this.end }, ...made, bare] };
  }

  /** What changes when lines are removed; the header never is. */
  removing(from: number, count: number): Splice {
    const end = Math.min(from + count, this.lines.length);
    return { at: from, removed: this.lines.slice(from, end), inserted: [] };
  }

  /** What changes when a comment, or a line without cells, gets another text: a row, when it no longer begins with #. */
  rewriting(i: number, text: string): Splice {
    const before = this.line(i);
    const { lines, unclosed } = readLines(text + (endOf(before.raw) || this.end), this.separator);
    const line = lines[0];
    if (!line || unclosed || /[\r\n]/.test(text)) throw new EditFault('notOneRow', i);
    this.mayQuote(i, text);
    return { at: i, removed: [before], inserted: [endOf(before.raw) === '' ? { ...line, raw: text } : line] };
  }

  /** What changes when there is one more column: a header without a name at the end is used before a new one is made. */
  addingColumn(name: string): Splice {
    const columns = this.columns();
    let at = columns.length;
    while (at > 0 && columns[at - 1] === '') at--;
    while (at < columns.length && this.isUsed(at)) at++;
    return this.setting(new Map([[this.header, new Map([[at, name]])]]));
  }

  private isUsed(column: number): boolean {
    return this.lines.some((l, i) => i > this.header && l.kind === 'row' && this.spans(i)[column]?.text);
  }

  /** Makes a change that was asked for with the present text. */
  apply(s: Splice): void {
    splice(this.lines, s.at, s.removed.length, s.inserted);
    this.findUnclosed();
  }

  /** Takes back the change that was made last. */
  revert(s: Splice): void {
    splice(this.lines, s.at, s.inserted.length, s.removed);
    this.findUnclosed();
  }

  private findUnclosed(): void {
    if (this.everUnclosed) this.unclosed = readCsv(this.text(), () => true).unclosed;
  }

  private spans(i: number): Cell[] {
    const line = this.line(i);
    return cellsOf(line, this.separator);
  }

  private withCells(i: number, cells: Cells): Line {
    const line = this.line(i);
    const spans = this.spans(i);
    let raw = '';
    let done = 0;
    for (const [n, span] of spans.entries()) {
      const text = cells.get(n);
      if (text === undefined || trim(text) === shown(span)) continue;
      const [from, to, replaced] = this.replaced(line.raw, span, text);
      raw += line.raw.slice(done, from) + replaced;
      done = to;
    }
    const end = endOf(line.raw);
    raw += line.raw.slice(done, line.raw.length - end.length);
    const last = Math.max(-1, ...[...cells].filter(([, text]) => trim(text) !== '').map(([n]) => n));
    for (let n = spans.length; n <= last; n++) raw += this.separator + this.quoted(cells.get(n) ?? '', false);
    if (raw + end === line.raw) return line;
    const wanted = Array.from({ length: Math.max(spans.length, last + 1) }, (_, n) => trim(cells.get(n) ?? shown(spans[n])));
    return this.checked(i, raw + end, wanted, line.kind === 'header');
  }

  /** What of a record an edit of one cell replaces: blanks around the cell stay. */
  private replaced(raw: string, span: Cell, text: string): [number, number, string] {
    const whole = raw.slice(span.from, span.to);
    const lead = /^ */.exec(whole)?.[0].length ?? 0;
    const made = this.quoted(text, span.quoted);
    if (trim(whole) === '') return [span.from, span.to, made];
    const tail = span.quoted ? whole.length - whole.lastIndexOf('"') - 1 : whole.length - whole.replace(/ +$/, '').length;
    const rest = whole.slice(whole.length - tail);
    return [span.from + lead, trim(rest) === '' ? span.to - tail : span.to, made];
  }

  private quoted(text: string, always: boolean): string {
    const cell = harmless(trim(text));
    const needs = cell.startsWith('#') || cell.includes('"') || cell.includes(this.separator) || /[\r\n]/.test(cell);
    return needs || (always && cell !== '') ? '"' + cell.replaceAll('"', '""') + '"' : cell;
  }

  private made(at: number, cells: readonly string[], width: number): Line {
    const all = Array.from({ length: Math.max(width, cells.length) }, (_, n) => cells[n] ?? '');
    return this.checked(at, all.map((c) => this.quoted(c, false)).join(this.separator) + this.end, all.map(trim), false);
  }

  /** The line that raw is, whose cells are to be read as wanted. */
  private checked(i: number, raw: string, wanted: readonly string[], header: boolean): Line {
    this.mayQuote(i, raw);
    const line = header ? { raw, kind: 'header' as const } : this.one(raw, wanted);
    if (line) return line;
    if (wanted[0]?.startsWith('#') && /[\r\n]/.test(raw.slice(0, raw.length - endOf(raw).length))) {
      throw new EditFault('commentOverLines', i);
    }
    const quoted = wanted.map((c) => '"' + harmless(c).replaceAll('"', '""') + '"').join(this.separator) + endOf(raw);
    const again = this.one(quoted, wanted);
    if (!again) throw new EditFault('notOneRow', i);
    return again;
  }

  private one(raw: string, wanted: readonly string[]): Line | undefined {
    const { lines } = readLines(raw, this.separator);
    const line = lines[0] ?? { raw, kind: 'blank' as const };
    if (lines.length > 1) return undefined;
    if (line.kind === 'comment') return wanted[0]?.startsWith('#') ? line : undefined;
    const cells = cellsOf(line, this.separator);
    return wanted.every((w, n) => w === shown(cells[n])) ? line : undefined;
  }

  /** A quote above that is never closed would be closed by one below. */
  private mayQuote(i: number, raw: string): void {
    if (this.unclosed >= 0 && this.unclosed < i && raw.includes('"')) throw new EditFault('unclosedQuote', this.unclosed);
  }
}

/** A cell's text as it is shown and edited. */
function shown(cell: Cell | undefined): string {
  return trim(plain(cell?.text ?? ''));
}

/** splice for lists that are longer than a call can have arguments. */
function splice<T>(list: T[], at: number, remove: number, insert: readonly T[]): void {
  if (insert.length === remove) {
    for (const [i, x] of insert.entries()) list[at + i] = x;
    return;
  }
  const rest = list.slice(at + remove);
  list.length = at;
  for (const x of insert) list.push(x);
  for (const x of rest) list.push(x);
}
