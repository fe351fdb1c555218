// How wide the columns of a grid are, and where they begin.
import type { GridSource } from './grid.ts';

export const rowHeight = 28;
const gutter = 64;
const liveWidth = 160;
const sample = 300; // rows that are measured

export class Geometry {
  readonly fixedLeft = gutter;
  readonly fixedRight = liveWidth;
  private widths: number[] = [];
  private starts: number[] = [];
  private readonly chosen = new Map<string, number>();
  private names: readonly string[] = [];

  /** Takes widths from what is in the columns, but for those that were set. */
  measure(source: GridSource): void {
    this.names = source.columns;
    const longest = source.columns.map((name) => name.length + 4);
    for (let row = 0; row < Math.min(source.rows, sample); row++) {
      if (source.whole(row) !== undefined) continue;
      for (const [n, text] of source.cells(row).entries()) longest[n] = Math.max(longest[n] ?? 0, text.length + 1);
    }
    this.widths = source.columns.map((name, n) => this.chosen.get(name) ?? Math.round(Math.max(74, Math.min(longest[n] ?? 0, 34) * 7.8 + 20)));
    this.layOut();
  }

  set(column: number, width: number): void {
    this.widths[column] = Math.max(40, Math.min(width, 1200));
    this.chosen.set(this.names[column] ?? '', this.widths[column] ?? 0);
    this.layOut();
  }

  width(column: number): number {
    return this.widths[column] ?? 0;
  }

  /** From where to where columns are. */
  span(from: number, to: number): [number, number] {
    return [this.starts[from] ?? gutter, (this.starts[to] ?? gutter) + (this.widths[to] ?? 0)];
  }

  /** The column at a place, counted from the left of the whole grid. */
  columnAt(x: number): number {
    let n = 0;
    while (n < this.starts.length - 1 && (this.starts[n + 1] ?? 0) <= x) n++;
    return n;
  }

  get whole(): number {
    const last = this.widths.length - 1;
    return this.span(0, last)[1] + liveWidth;
  }

  template(): string {
    return [gutter, ...this.widths, liveWidth].map((w) => `${w}px`).join(' ');
  }

  private layOut(): void {
    let x = gutter;
    this.starts = this.widths.map((w) => (x += w) - w);
  }
}
