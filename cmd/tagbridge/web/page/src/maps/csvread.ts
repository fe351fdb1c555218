// Reads the CSV dialect of tag maps exactly as the Go reader does (mapping/source, mapping/tagmap): the table of cases in
// mapping/tagmap/testdata/csvcases.json is read by the tests of both. Nothing is thrown away: the lines of a map, put
// together again, are its text.

export type Separator = ',' | ';' | '\t';

/** What a line of a map is. "before" is what precedes the header and is neither comment nor blank: sep=; */
export type Kind = 'before' | 'comment' | 'blank' | 'header' | 'row';

/** A record of a map, or a line that is none. It never changes: an edit puts another in its place. */
export interface Line {
  readonly raw: string; // with its line end
  readonly kind: Kind;
}

/** One cell of a record. */
export interface Cell {
  readonly text: string; // trimmed, without quotes
  readonly from: number; // what lies between the separators, in raw
  readonly to: number;
  readonly quoted: boolean;
}

/** A map as it was read. */
export interface Read {
  readonly separator: Separator;
  readonly lines: Line[];
  readonly header: number; // where in lines; -1: there is none, so that this is no map
  readonly unclosed: number; // the line with a quote that is never closed, or -1
}

/** How a word of a header is compared, as Go compares it. */
export function lower(name: string): string {
  return name.replace(/\u0130/g, 'i').toLowerCase();
}

/** Drops what cannot be seen at both ends of a cell. */
export function trim(text: string): string {
  return text.replace(/^[\s\u0085\u200B\u2060]+/, '').replace(trailing, '');
}

// Anchored by what precedes it: a plain [\s]+$ would take a time that grows with the square of a run of blanks inside.
const trailing = /(?<![\s\u0085\u200B\u2060])[\s\u0085\u200B\u2060]+$/;

const spreadsheetErrors = [
  '#REF!', '#NAME?', '#VALUE!', '#DIV/0!', '#N/A', '#NUM!', '#NULL!', '#SPILL!', '#CALC!', '#####',
  '#BEZUG!', '#WERT!', '#NV', '#ZAHL!',
];

/** Reports a text that begins with what spreadsheets save in place of a value. */
export function isSpreadsheetError(text: string): boolean {
  return spreadsheetErrors.some((e) => {
    if (!text.startsWith(e)) return false;
    const next = text.slice(e.length, e.length + 1);
    // The Go reader looks at one byte of what follows: that is a letter's beyond ASCII, but for some Hebrew ones.
    return next === '' || !/[ a-z\u0080-\u05bf\u0600-\uffff]/i.test(next);
  });
}

/** Reads a map. known reports a name of a column, in small letters. */
export function readCsv(text: string, known: (name: string) => boolean): Read {
  const lines: Line[] = [];
  let pos = 0;
  let separator: Separator = ',';
  let told = false;
  let begun = false;
  while (pos < text.length && !begun) {
    const end = lineEnd(text, pos);
    const line = text.slice(pos, end);
    const sep = separatorLine(line);
    const next = afterLineEnd(text, end);
    if (sep !== undefined && !told) {
      separator = sep;
      told = true;
      lines.push({ raw: text.slice(pos, next), kind: 'before' });
    } else if (/^[,;\t ]*$/.test(line)) {
      lines.push({ raw: text.slice(pos, next), kind: 'blank' });
    } else if (isCommentBefore(line)) {
      lines.push({ raw: text.slice(pos, next), kind: 'comment' });
    } else {
      if (!told) separator = separatorOf(line);
      begun = true;
      break;
    }
    pos = next;
  }
  const scan = new Scanner(text, pos, separator);
  const header = readHeader(scan, lines, known);
  if (header < 0) return { separator, lines: [{ raw: text, kind: 'before' }], header, unclosed: -1 };
  let unclosed = scan.unclosed ? header : -1;
  while (scan.pos < text.length) {
    lines.push(readLine(scan));
    if (scan.unclosed && unclosed < 0) unclosed = lines.length - 1;
  }
  return { separator, lines, header, unclosed };
}

function readHeader(scan: Scanner, lines: Line[], known: (name: string) => boolean): number {
  while (scan.pos < scan.text.length) {
    const from = scan.pos;
    const cells = scan.record();
    const raw = scan.text.slice(from, scan.pos);
    if (cells.every((c) => c.text === '')) {
      lines.push({ raw, kind: 'blank' });
      continue;
    }
    lines.push({ raw, kind: 'header' });
    return cells.some((c) => known(lower(c.text))) ? lines.length - 1 : -1;
  }
  return -1;
}

/** Reads one line after the header. */
function readLine(scan: Scanner): Line {
  const from = scan.pos;
  if (isComment(scan.text, from)) {
    scan.pos = afterLineEnd(scan.text, lineEnd(scan.text, from));
    return { raw: scan.text.slice(from, scan.pos), kind: 'comment' };
  }
  const cells = scan.record();
  return { raw: scan.text.slice(from, scan.pos), kind: kindOf(cells) };
}

function kindOf(cells: Cell[]): Kind {
  if (cells.every((c) => c.text === '')) return 'blank';
  const first = cells[0]?.text ?? '';
  return first.startsWith('#') && !isSpreadsheetError(first) ? 'comment' : 'row';
}

/** The lines of a part of a map below its header, and whether a quote in it is not closed. */
export function readLines(text: string, separator: Separator): { lines: Line[]; unclosed: boolean } {
  const scan = new Scanner(text, 0, separator);
  const lines: Line[] = [];
  while (scan.pos < text.length) lines.push(readLine(scan));
  return { lines, unclosed: scan.unclosed };
}

/** The cells of a record; a comment that is a line of its own has none. */
export function cellsOf(line: Line, separator: Separator): Cell[] {
  return new Scanner(line.raw, 0, separator).record();
}

/** What line ends a line, "" at the end of a file. */
export function endOf(raw: string): string {
  return /\r\n$|[\r\n]$/.exec(raw)?.[0] ?? '';
}

/** How many lines of the file a line is: quoted cells may hold line ends. */
export function heightOf(line: Line): number {
  const ends = line.raw.match(/\r\n|\r|\n/g)?.length ?? 0;
  return endOf(line.raw) === '' ? ends + 1 : ends;
}

function lineEnd(text: string, pos: number): number {
  while (pos < text.length && text[pos] !== '\n' && text[pos] !== '\r') pos++;
  return pos;
}

function afterLineEnd(text: string, end: number): number {
  if (end >= text.length) return text.length;
  return text.startsWith('\r\n', end) ? end + 2 : end + 1;
}

function isComment(text: string, pos: number): boolean {
  const rest = text.slice(pos, pos + 100).replace(/^[ \t]+/, '');
  return rest.startsWith('#') && !isSpreadsheetError(rest);
}

function separatorLine(line: string): Separator | undefined {
  const bare = line.replace(/^[ "]+/, '').replace(/(?<![ "])[ "]+$/, '');
  const sep = lower(bare.slice(0, 4)) === 'sep=' ? bare[4] : undefined;
  return sep === ',' || sep === ';' || sep === '\t' ? sep : undefined;
}

function isCommentBefore(line: string): boolean {
  if (!line.replace(/^[ \t"]+/, '').startsWith('#')) return false;
  const names = lower(line).split(/[,;\t]/).map((n) => n.replace(/^[" ]+/, '').replace(/(?<![" ])[" ]+$/, ''));
  return !names.includes('tag') || !names.includes('address');
}

function separatorOf(line: string): Separator {
  const counts = { ',': 0, ';': 0, '\t': 0 };
  let quoted = false;
  for (const c of line) {
    if (c === '"') quoted = !quoted;
    if (!quoted && (c === ',' || c === ';' || c === '\t')) counts[c]++;
  }
  let best: Separator = ',';
  for (const c of [';', '\t'] as const) if (counts[c] > counts[best]) best = c;
  return best;
}

/** Reads records one after another. */
class Scanner {
  unclosed = false;

  constructor(readonly text: string, public pos: number, readonly separator: Separator) {}

  record(): Cell[] {
    const cells: Cell[] = [];
    for (;;) {
      cells.push(this.cell());
      if (this.pos >= this.text.length) return cells;
      if (this.text[this.pos] !== this.separator) {
        this.pos = afterLineEnd(this.text, this.pos);
        return cells;
      }
      this.pos++;
    }
  }

  private cell(): Cell {
    const from = this.pos;
    let start = from;
    while (this.text[start] === ' ') start++;
    if (this.text[start] === '"') {
      const cell = this.quoted(from, start);
      if (cell) return cell;
    }
    this.pos = this.end(start);
    return { text: trim(this.text.slice(start, this.pos)), from, to: this.pos, quoted: false };
  }

  private end(i: number): number {
    for (; i < this.text.length; i++) {
      const c = this.text[i];
      if (c === this.separator || c === '\n' || c === '\r') break;
    }
    return i;
  }

  /** Reads a cell in quotes; undefined, and nothing read, when its quote is not closed: at most once in a file. */
  private quoted(from: number, start: number): Cell | undefined {
    let i = start + 1;
    for (;;) {
      i = this.text.indexOf('"', i);
      if (i < 0) {
        this.unclosed = true;
        return undefined;
      }
      if (this.text[i + 1] !== '"') break;
      i += 2;
    }
    const text = this.text.slice(start + 1, i).replaceAll('""', '"');
    this.pos = this.end(i + 1);
    return { text: trim(text), from, to: this.pos, quoted: true };
  }
}
