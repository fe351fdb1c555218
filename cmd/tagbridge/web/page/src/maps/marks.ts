// What a check has found in a map, at its cells. It stays with its lines while others come and go, and goes with them.
import type { Problem } from './api.ts';
import type { CsvText } from './csvtext.ts';
import type { Line } from './csvread.ts';
import type { Mark } from './grid.ts';

/** Where a problem is: a row that is seen, -1 when it is not; column -1 is the row as a whole. */
export interface Found extends Problem {
  readonly at: Line | undefined;
  readonly cell: number;
}

/** The lines of a map as they were when it was sent to be checked, and where in the file each began. */
export interface Snapshot {
  readonly lines: readonly Line[];
  readonly numbers: Uint32Array;
}

export class Marks {
  /** The problems of the last check. */
  found: readonly Found[] = [];
  private marks = new Map<Line, Map<number, Mark>>();

  constructor(private readonly map: CsvText) {}

  has(line: Line): boolean {
    return this.marks.has(line);
  }

  of(line: Line, column: number): Mark | undefined {
    return this.marks.get(line)?.get(column);
  }

  /** Takes what a check has found in the lines of a snapshot. */
  take(problems: readonly Problem[], snapshot: Snapshot): void {
    const columns = this.map.columns();
    this.marks = new Map();
    this.found = problems.map((p) => {
      const i = lineAt(snapshot.numbers, p.line);
      const at = snapshot.lines[i];
      const cell = at && at.kind === 'row' ? this.cellOf(p, at, i, columns, snapshot.numbers[i] ?? 0) : -1;
      if (at) this.put(at, cell, p);
      return { ...p, at, cell };
    });
  }

  private cellOf(p: Problem, at: Line, i: number, columns: readonly string[], number: number): number {
    if (p.header !== '') {
      const named = columns.indexOf(p.header);
      if (named >= 0 && columns.indexOf(p.header, named + 1) < 0) return named;
    }
    if (this.map.length <= i || this.map.line(i) !== at || p.column === 0) return -1;
    return p.header === '' ? -1 : this.map.columnAt(i, p.line - number, p.column);
  }

  private put(at: Line, cell: number, p: Problem): void {
    const cells = this.marks.get(at) ?? new Map<number, Mark>();
    this.marks.set(at, cells);
    const before = cells.get(cell);
    const severity = before?.severity === 'problem' ? 'problem' : p.severity;
    cells.set(cell, { severity, text: before ? `${before.text}\n${p.message}` : p.message });
    if (cell >= 0 && !cells.has(-1)) cells.set(-1, { severity: p.severity, text: p.message });
  }
}

/** The record in which a line of the file is. */
function lineAt(numbers: Uint32Array, line: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? 0) <= line) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
