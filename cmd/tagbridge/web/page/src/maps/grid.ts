// A grid of cells as spreadsheets have it: only the rows that are seen are there. It shows a GridSource and tells what is
// wanted of it; it changes nothing itself. All texts get there as text, never as markup.
import { CellInput } from './gridinput.ts';
import { GridKeys } from './gridkeys.ts';
import { GridPointer } from './gridpointer.ts';
import { Geometry, rowHeight } from './gridsize.ts';
import { GridRow } from './gridrow.ts';
import { at, clamp, rangeOf, type Range, type Selection, type Size } from './selection.ts';

export interface Mark {
  readonly severity: 'problem' | 'warning';
  readonly text: string;
}

export interface Live {
  readonly text: string;
  readonly kind: string; // a class
  readonly title: string;
}

/** What a grid shows. Rows are those that are seen, from 0. */
export interface GridSource {
  readonly rows: number;
  readonly columns: readonly string[];
  readonly editable: boolean;
  /** A line as a whole: a comment, or what there is before the header. */
  whole(row: number): string | undefined;
  cells(row: number): readonly string[];
  number(row: number): number;
  /** What is wrong with a cell, or with column -1 with a row. */
  mark(row: number, column: number): Mark | undefined;
  live(row: number): Live | undefined;
  meaning(column: number): string;
}

/** What is wanted of a map. */
export interface GridActions {
  set(row: number, column: number, text: string): void;
  clear(range: Range): void;
  paste(range: Range, text: string): void;
  copy(range: Range): string;
  fill(from: Range, to: number, asSeries: boolean): void; // to: the last row
  insert(row: number, count: number): void;
  remove(range: Range): void;
  undo(): void;
  redo(): void;
  find(): void;
  nextProblem(step: 1 | -1): void;
  explain(column: number): void;
  selected(s: Selection): void;
}

/** The words that a grid shows. */
export interface GridWords {
  readonly grid: string;
  readonly row: string;
  readonly live: string;
  readonly cell: string;
  readonly help: string;
}

const spareRows = 6;
const narrow = 720; // below that the Live column is scrolled with the others, as in maps.css

export class Grid {
  readonly box: HTMLElement;
  readonly input: CellInput;
  readonly size = new Geometry();
  selection: Selection = at(0, 0);
  private readonly sheet: HTMLElement; // what a screen reader takes for the grid
  private readonly head: HTMLElement;
  private readonly body: HTMLElement;
  private readonly range: HTMLElement;
  private readonly handle: HTMLElement;
  private readonly rows = new Map<number, GridRow>();
  private readonly watcher: ResizeObserver;
  private asked = 0;
  private stale = true;

  constructor(readonly source: GridSource, readonly actions: GridActions, private readonly words: GridWords) {
    this.box = element('div', 'grid');
    this.sheet = element('div', 'sheet');
    this.sheet.setAttribute('role', 'grid');
    this.sheet.setAttribute('aria-label', words.grid);
    this.head = element('div', 'gridhead');
    this.head.setAttribute('role', 'row');
    this.body = element('div', 'gridbody');
    this.body.setAttribute('role', 'rowgroup');
    this.range = element('div', 'range');
    this.handle = element('div', 'fillhandle');
    this.range.append(this.handle);
    this.range.setAttribute('aria-hidden', 'true');
    this.input = new CellInput(this, words.cell);
    this.sheet.append(this.head, this.body);
    this.box.append(this.sheet, this.range, this.input.box);
    new GridKeys(this);
    new GridPointer(this, this.handle);
    this.box.addEventListener('scroll', () => this.later(), { passive: true });
    this.watcher = new ResizeObserver(() => this.later());
    this.watcher.observe(this.box);
    this.columnsChanged();
  }

  /** Ends it; it is not to be used after that. */
  end(): void {
    this.watcher.disconnect();
    cancelAnimationFrame(this.asked);
    this.box.remove();
  }

  /** Shows what has changed in cells, rows or marks. */
  changed(): void {
    this.stale = true;
    this.select(clamp(this.selection, this.shape()), false);
    this.later();
  }

  /** Shows other columns. */
  columnsChanged(): void {
    for (const r of this.rows.values()) r.element.remove();
    this.rows.clear();
    this.size.measure(this.source);
    this.paintHead();
    this.changed();
  }

  /** Shows the Live column anew. */
  liveChanged(): void {
    for (const [row, r] of this.rows) r.paintLive(this.source.live(row));
  }

  focus(): void {
    this.input.focus();
  }

  shape(): Size {
    return { rows: this.source.rows, columns: this.source.columns.length, page: Math.max(1, Math.floor(this.box.clientHeight / rowHeight) - 2) };
  }

  get picked(): Range {
    return rangeOf(this.selection);
  }

  select(s: Selection, reveal = true): void {
    this.selection = s;
    if (reveal) this.reveal(s.other.row, s.other.column);
    this.paintRange();
    this.actions.selected(s);
  }

  /** Begins with a row on top, and its first cell active. */
  begin(row: number): void {
    this.paint();
    this.box.scrollTop = row * rowHeight;
    this.select(at(row, 0), false);
  }

  /** Scrolls so far that a cell is seen. */
  reveal(row: number, column: number): void {
    const top = row * rowHeight;
    const seen = this.box.clientHeight - rowHeight;
    if (top < this.box.scrollTop) this.box.scrollTop = top;
    else if (top + rowHeight > this.box.scrollTop + seen) this.box.scrollTop = top + rowHeight - seen;
    const [left, right] = this.size.span(column, column);
    const room = this.box.clientWidth - (this.box.clientWidth < narrow ? 0 : this.size.fixedRight);
    if (left - this.size.fixedLeft < this.box.scrollLeft) this.box.scrollLeft = left - this.size.fixedLeft;
    else if (right > this.box.scrollLeft + room) this.box.scrollLeft = right - room;
  }

  /** The rows that are seen, from the first up to before the last. */
  seen(): [number, number] {
    const first = Math.floor(this.box.scrollTop / rowHeight);
    return [first, first + Math.ceil(this.box.clientHeight / rowHeight) + 1];
  }

  resize(column: number, width: number): void {
    this.size.set(column, width);
    this.applyWidths();
    this.paintRange();
  }

  private later(): void {
    if (this.asked) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = 0;
      this.paint();
    });
  }

  private paint(): void {
    const { source } = this;
    this.body.style.height = `${source.rows * rowHeight}px`;
    this.sheet.setAttribute('aria-rowcount', String(source.rows + 1));
    this.sheet.setAttribute('aria-colcount', String(source.columns.length + 2));
    const first = Math.max(0, Math.floor(this.box.scrollTop / rowHeight) - spareRows);
    const last = Math.min(source.rows, Math.ceil((this.box.scrollTop + this.box.clientHeight) / rowHeight) + spareRows);
    const free: GridRow[] = [];
    for (const [row, r] of this.rows) {
      if (row >= first && row < last) continue;
      free.push(r);
      this.rows.delete(row);
    }
    for (let row = first; row < last; row++) {
      const old = this.rows.get(row);
      if (old && !this.stale) continue;
      const r = old ?? free.pop() ?? this.newRow();
      r.paint(source, row);
      this.rows.set(row, r);
    }
    for (const r of free) r.element.remove();
    this.stale = false;
    this.paintRange();
  }

  private newRow(): GridRow {
    const r = new GridRow(this.source.columns.length, rowHeight);
    this.body.append(r.element);
    return r;
  }

  private paintRange(): void {
    const none = this.source.rows === 0 || this.source.columns.length === 0;
    this.range.hidden = none;
    if (none) return;
    const { top, left, bottom, right } = this.picked;
    const [from, to] = this.size.span(left, right);
    place(this.range, from, (top + 1) * rowHeight, to - from, (bottom - top + 1) * rowHeight);
    this.handle.hidden = !this.source.editable;
    this.range.classList.toggle('many', top !== bottom || left !== right);
    const { row, column } = this.selection.active;
    const [x, end] = this.size.span(column, column);
    this.input.place(x, (row + 1) * rowHeight, end - x, rowHeight);
  }

  private paintHead(): void {
    this.head.replaceChildren();
    this.head.setAttribute('aria-rowindex', '1');
    this.head.append(headCell('gutter', this.words.row, 1));
    for (const [n, name] of this.source.columns.entries()) this.head.append(this.columnHead(n, name));
    this.head.append(headCell('live', this.words.live, this.source.columns.length + 2));
    this.applyWidths();
  }

  private columnHead(n: number, name: string): HTMLElement {
    const cell = headCell('name', name, n + 2);
    cell.dataset['column'] = String(n);
    cell.title = this.source.meaning(n);
    const help = element('button', 'plain');
    help.type = 'button';
    help.tabIndex = -1;
    help.textContent = '?';
    help.setAttribute('aria-label', `${this.words.help}: ${name}`);
    help.addEventListener('click', () => this.actions.explain(n));
    const edge = element('span', 'edge');
    edge.dataset['edge'] = String(n);
    edge.setAttribute('aria-hidden', 'true');
    cell.append(help, edge);
    return cell;
  }

  private applyWidths(): void {
    this.box.style.setProperty('--columns', this.size.template());
    this.box.style.setProperty('--wide', `${this.size.whole}px`);
  }
}

function headCell(kind: string, text: string, index: number): HTMLElement {
  const cell = element('div', `headcell ${kind}`);
  cell.setAttribute('role', 'columnheader');
  cell.setAttribute('aria-colindex', String(index));
  const name = element('span', 'text');
  name.textContent = text;
  cell.append(name);
  return cell;
}

export function element<K extends keyof HTMLElementTagNameMap>(tag: K, className: string): HTMLElementTagNameMap[K] {
  const e = document.createElement(tag);
  e.className = className;
  return e;
}

export function place(e: HTMLElement, left: number, top: number, width: number, height: number): void {
  e.style.left = `${left}px`;
  e.style.top = `${top}px`;
  e.style.width = `${width}px`;
  e.style.height = `${height}px`;
}
