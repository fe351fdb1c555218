// What the mouse does in a grid: it selects cells, rows and columns, fills, and makes columns wider.
import type { Grid } from './grid.ts';
import { rowHeight } from './gridsize.ts';
import { clamp, type Spot } from './selection.ts';

type Drag = { kind: 'cells' | 'rows' } | { kind: 'fill'; row: number } | { kind: 'edge'; column: number; from: number; width: number };

export class GridPointer {
  private drag: Drag | undefined;

  constructor(private readonly grid: Grid, private readonly handle: HTMLElement) {
    const { box } = grid;
    box.addEventListener('pointerdown', (e) => this.down(e));
    box.addEventListener('pointermove', (e) => this.move(e));
    box.addEventListener('pointerup', (e) => this.up(e));
    box.addEventListener('pointercancel', () => (this.drag = undefined));
    box.addEventListener('dblclick', (e) => {
      if (!this.inHead(e) && !this.inInput(e)) grid.input.open();
    });
  }

  private inHead(e: Event): boolean {
    return e.target instanceof Element && e.target.closest('.gridhead') !== null;
  }

  /** While one edits, the text is the input's; else it lies over the active cell and is as if it were not there. */
  private inInput(e: Event): boolean {
    return e.target === this.grid.input.box && this.grid.input.mode !== 'no';
  }

  private spot(e: PointerEvent): Spot {
    const { box, size } = this.grid;
    const frame = box.getBoundingClientRect();
    const x = e.clientX - frame.left + box.scrollLeft;
    const y = e.clientY - frame.top + box.scrollTop - rowHeight;
    return { row: Math.floor(y / rowHeight), column: size.columnAt(x) };
  }

  private down(e: PointerEvent): void {
    const { grid } = this;
    const target = e.target instanceof HTMLElement ? e.target : undefined;
    if (e.button !== 0 || !target || this.inInput(e) || target.closest('button')) return;
    // A click beside the rows is on the bar that scrolls.
    const frame = grid.box.getBoundingClientRect();
    if (e.clientX - frame.left > grid.box.clientWidth || e.clientY - frame.top > grid.box.clientHeight) return;
    e.preventDefault();
    grid.input.commit();
    grid.focus();
    grid.box.setPointerCapture(e.pointerId);
    if (this.inHead(e)) this.downInHead(e, target);
    else if (target === this.handle) this.drag = { kind: 'fill', row: grid.picked.bottom };
    else this.downInBody(e, target);
  }

  private downInHead(e: PointerEvent, target: HTMLElement): void {
    const { grid } = this;
    const edge = target.dataset['edge'];
    if (edge !== undefined) {
      this.drag = { kind: 'edge', column: Number(edge), from: e.clientX, width: grid.size.width(Number(edge)) };
      return;
    }
    const column = target.closest<HTMLElement>('[data-column]')?.dataset['column'];
    if (column === undefined) return;
    const from = e.shiftKey ? grid.selection.active.column : Number(column);
    this.select({ row: 0, column: from }, { row: grid.source.rows - 1, column: Number(column) });
  }

  private downInBody(e: PointerEvent, target: HTMLElement): void {
    const { grid } = this;
    const spot = this.spot(e);
    if (spot.row >= grid.source.rows) return;
    const last = grid.source.columns.length - 1;
    if (target.closest('.gutter')) {
      const from = e.shiftKey ? grid.selection.active.row : spot.row;
      this.select({ row: from, column: 0 }, { row: spot.row, column: last });
      this.drag = { kind: 'rows' };
      return;
    }
    this.select(e.shiftKey ? grid.selection.active : spot, spot);
    this.drag = { kind: 'cells' };
  }

  private select(active: Spot, other: Spot, reveal = false): void {
    this.grid.select(clamp({ active, other }, this.grid.shape()), reveal);
  }

  private move(e: PointerEvent): void {
    const { drag, grid } = this;
    if (!drag) return;
    if (drag.kind === 'edge') {
      grid.resize(drag.column, drag.width + e.clientX - drag.from);
      return;
    }
    const spot = this.spot(e);
    if (drag.kind === 'fill') {
      drag.row = Math.max(grid.picked.bottom, Math.min(spot.row, grid.source.rows - 1));
      this.handle.title = String(grid.source.number(drag.row));
      grid.reveal(drag.row, grid.picked.right);
      return;
    }
    this.select(grid.selection.active, drag.kind === 'rows' ? { row: spot.row, column: grid.source.columns.length - 1 } : spot, true);
  }

  private up(e: PointerEvent): void {
    const { drag, grid } = this;
    this.drag = undefined;
    if (drag?.kind !== 'fill' || drag.row <= grid.picked.bottom || !grid.source.editable) return;
    grid.actions.fill(grid.picked, drag.row, !e.ctrlKey);
  }
}
