// Which lines of a map are seen as rows: all that are rows or comments, or those that a filter has found.
import type { CsvText, Splice } from './csvtext.ts';
import type { Line } from './csvread.ts';

export class Seen {
  private shown: number[] = []; // lines of the map
  private numbers: Uint32Array = new Uint32Array();
  private filter = false; // only some rows are seen

  constructor(private readonly map: CsvText) {
    this.look();
  }

  get rows(): number {
    return this.shown.length;
  }

  get filtered(): boolean {
    return this.filter;
  }

  /** Where in the file each line of the map begins. */
  get places(): Uint32Array {
    return this.numbers;
  }

  /** The line of the map that a row is. */
  lineOf(row: number): number {
    return this.shown[row] ?? this.map.length;
  }

  rowOf(line: Line): number {
    return this.shown.findIndex((i) => this.map.line(i) === line);
  }

  /** The number in the file of a row. */
  number(row: number): number {
    return this.numbers[this.lineOf(row)] ?? 0;
  }

  /** Shows only the rows that fit; without fits, all. */
  only(fits?: (row: number) => boolean): void {
    this.filter = false;
    this.look();
    if (!fits) return;
    const found = indices(0, this.rows - 1).map(fits);
    this.shown = this.shown.filter((_, row) => found[row]);
    this.filter = true;
  }

  /** To be called for each splice that was made, before look: rows that a filter shows stay, and new ones are shown too. */
  moved(s: Splice, takenBack = false): void {
    if (!this.filter) return;
    const [removed, inserted] = takenBack ? [s.inserted.length, s.removed.length] : [s.removed.length, s.inserted.length];
    const before = this.shown.filter((i) => i < s.at + Math.min(removed, inserted));
    const made = indices(s.at + removed, s.at + inserted - 1);
    const after = this.shown.filter((i) => i >= s.at + removed).map((i) => i + inserted - removed);
    this.shown = [...before, ...made, ...after];
  }

  /** Looks at the map as it is now. */
  look(): void {
    this.numbers = this.map.numbers();
    if (this.filter) return;
    this.shown = indices(0, this.map.length - 1).filter((i) => i !== this.map.header && (i > this.map.header || this.map.line(i).kind === 'comment'));
  }
}

export function indices(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, n) => from + n);
}
