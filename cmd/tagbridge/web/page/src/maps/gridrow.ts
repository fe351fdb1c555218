// A row of a grid that is seen. It is used again for another row when it is scrolled away.
import { element, type GridSource, type Live, type Mark } from './grid.ts';

export class GridRow {
  readonly element = element('div', 'gridrow');
  private readonly gutter = element('div', 'gutter');
  private readonly whole = element('div', 'cell whole');
  private readonly live = element('div', 'live');
  private readonly cells: HTMLElement[];

  constructor(columns: number, private readonly height: number) {
    this.element.setAttribute('role', 'row');
    this.gutter.setAttribute('role', 'rowheader');
    this.cells = Array.from({ length: columns }, (_, n) => gridcell('cell', n + 2));
    this.live.setAttribute('role', 'gridcell');
    this.live.setAttribute('aria-colindex', String(columns + 2));
    this.whole.setAttribute('role', 'gridcell');
    this.whole.setAttribute('aria-colspan', String(columns));
    this.element.append(this.gutter, ...this.cells, this.whole, this.live);
  }

  paint(source: GridSource, row: number): void {
    this.element.style.top = `${row * this.height}px`;
    this.element.setAttribute('aria-rowindex', String(row + 2));
    const whole = source.whole(row);
    this.element.classList.toggle('comment', whole !== undefined);
    this.whole.hidden = whole === undefined;
    show(this.whole, whole ?? '', undefined);
    const cells = whole === undefined ? source.cells(row) : [];
    for (const [n, cell] of this.cells.entries()) {
      if (cell.hidden !== (whole !== undefined)) cell.hidden = whole !== undefined;
      show(cell, cells[n] ?? '', source.mark(row, n));
    }
    this.paintGutter(source, row);
    this.paintLive(source.live(row));
  }

  paintLive(live: Live | undefined): void {
    const [text, title, className] = [live?.text ?? '', live?.title ?? '', `live ${live?.kind ?? ''}`];
    if (this.live.textContent !== text) this.live.textContent = text;
    if (this.live.title !== title) this.live.title = title;
    if (this.live.className !== className) this.live.className = className;
  }

  private paintGutter(source: GridSource, row: number): void {
    const mark = source.mark(row, -1);
    this.gutter.textContent = String(source.number(row));
    this.gutter.className = `gutter ${mark?.severity ?? ''}`;
    this.gutter.title = mark?.text ?? '';
  }
}

function gridcell(className: string, index: number): HTMLElement {
  const cell = element('div', className);
  cell.setAttribute('role', 'gridcell');
  cell.setAttribute('aria-colindex', String(index));
  return cell;
}

const longest = 400; // what of a text is put into the page; all of it is where it is edited

function show(cell: HTMLElement, text: string, mark: Mark | undefined): void {
  const shown = (text.length > longest ? `${text.slice(0, longest)}…` : text).replace(/\r\n|\r|\n/g, ' ⏎ ');
  if (cell.textContent !== shown) cell.textContent = shown;
  const base = cell.classList.contains('whole') ? 'cell whole' : 'cell';
  const className = mark ? `${base} ${mark.severity}` : base;
  if (cell.className !== className) cell.className = className;
  const title = mark ? mark.text : text.length > 20 ? text.slice(0, 1000) : '';
  if (cell.title !== title) cell.title = title;
  const invalid = mark?.severity === 'problem';
  if (cell.hasAttribute('aria-invalid') !== invalid) invalid ? cell.setAttribute('aria-invalid', 'true') : cell.removeAttribute('aria-invalid');
}
