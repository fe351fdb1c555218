// A list of any length: only the rows that are seen are in the document. One row is the active one; the keys move it.
import { Component, type ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

const rowHeight = 32;
const headHeight = 34;
// Browsers draw nothing below so many pixels.
const tallest = 16_000_000;
const spare = 6;

export interface GridColumn {
  id: string;
  head: string;
  title?: string;
}

export interface GridProps {
  label: string;
  columns: readonly GridColumn[];
  total: number;
  /** The cells of a row, in the order of the columns; undefined while it is not known. */
  cells: (at: number) => ComponentChildren[] | undefined;
  /** What the cells of a row are made from: a row of which nothing of it is another is not drawn again. */
  of: (at: number) => readonly unknown[];
  rowClass?: (at: number) => string;
  /** Which rows are in the document: those that are seen, and a few beside them. */
  seen: (first: number, last: number) => void;
  open: (at: number) => void;
  /** The row whose explanation is open. */
  opened?: number | undefined;
}

export function Grid({ label, columns, total, cells, of, rowClass, seen, open, opened }: GridProps) {
  const box = useRef<HTMLDivElement>(null);
  const [at, move] = useState({ top: 0, height: 640 });
  const [active, activate] = useState(0);
  useHeight(box, (height) => move((m) => (m.height === height ? m : { ...m, height })));
  const firstSeen = Math.max(0, Math.floor(at.top / rowHeight));
  const lastSeen = Math.max(0, Math.ceil((at.top + at.height - headHeight) / rowHeight));
  const first = Math.max(0, firstSeen - spare);
  const last = Math.min(total - 1, lastSeen + spare);
  useEffect(() => seen(first, lastSeen + spare), [first, lastSeen, total]);
  const current = Math.min(active, Math.max(0, total - 1));

  const reach = (to: number) => {
    const next = Math.max(0, Math.min(total - 1, to));
    activate(next);
    const b = box.current;
    if (!b) return;
    const room = b.clientHeight - headHeight;
    const top = next * rowHeight;
    if (top < b.scrollTop) b.scrollTop = top;
    else if (top + rowHeight > b.scrollTop + room) b.scrollTop = top + rowHeight - room;
  };
  const key = (e: KeyboardEvent) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const page = Math.max(1, Math.floor((at.height - headHeight) / rowHeight) - 1);
    const to: Record<string, number> = {
      ArrowDown: current + 1, ArrowUp: current - 1, PageDown: current + page, PageUp: current - page, Home: 0, End: total - 1,
    };
    const next = to[e.key];
    if (next !== undefined) reach(next);
    else if (e.key === 'Enter' || e.key === ' ') open(current);
    else return;
    e.preventDefault();
  };
  const click = (e: MouseEvent) => {
    const row = e.target instanceof Element ? e.target.closest('[data-at]') : null;
    if (!(row instanceof HTMLElement) || getSelection()?.isCollapsed === false) return;
    activate(Number(row.dataset['at']));
    open(Number(row.dataset['at']));
  };

  const rows = [];
  for (let i = first; i <= last; i++) {
    const kind = `${rowClass?.(i) ?? ''}${i === current ? ' active' : ''}${i === opened ? ' open' : ''}`;
    rows.push(<GridRow key={i % 256} at={i} columns={columns} cells={cells} of={of(i)} kind={kind} opened={i === opened} />);
  }
  return (
    <div
      class="grid"
      ref={box}
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-rowcount={total + 1}
      aria-colcount={columns.length}
      aria-activedescendant={current >= first && current <= last ? `row-${current}` : undefined}
      onScroll={(e) => move({ top: e.currentTarget.scrollTop, height: e.currentTarget.clientHeight })}
      onKeyDown={key}
      onClick={click}
    >
      <div class="grid-head" role="rowgroup">
        <div class="grid-line" role="row" aria-rowindex={1}>
          {columns.map((c) => (
            <div key={c.id} role="columnheader" class={`cell ${c.id}`} title={c.title ?? c.head}>
              {c.head}
            </div>
          ))}
        </div>
      </div>
      <div class="grid-rows" role="rowgroup" style={{ height: `${Math.min(total * rowHeight, tallest)}px` }}>
        {rows}
      </div>
    </div>
  );
}

interface RowProps {
  at: number;
  columns: readonly GridColumn[];
  cells: (at: number) => ComponentChildren[] | undefined;
  of: readonly unknown[];
  kind: string;
  opened: boolean;
}

class GridRow extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    const p = this.props;
    return next.at !== p.at || next.kind !== p.kind || next.opened !== p.opened || next.of.some((x, i) => x !== p.of[i]);
  }

  override render() {
    const { at, columns, kind, opened } = this.props;
    const cells = this.props.cells(at);
    return (
      <div
        id={`row-${at}`}
        data-at={at}
        role="row"
        aria-rowindex={at + 2}
        aria-selected={opened}
        class={`grid-line grid-row ${kind}${cells ? '' : ' unknown'}`}
        style={{ transform: `translateY(${at * rowHeight}px)` }}
      >
        {columns.map((c, i) => (
          <div key={c.id} role="gridcell" class={`cell ${c.id}`}>
            {cells ? cells[i] : i === 0 ? '…' : null}
          </div>
        ))}
      </div>
    );
  }
}

/** useHeight tells how tall an element is, now and whenever that changes. */
function useHeight(box: { current: HTMLElement | null }, tell: (height: number) => void): void {
  useLayoutEffect(() => {
    const b = box.current;
    if (!b) return;
    tell(b.clientHeight);
    const o = new ResizeObserver(() => tell(b.clientHeight));
    o.observe(b);
    return () => o.disconnect();
  }, []);
}
