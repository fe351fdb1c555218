// The grid of a map that is open.
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../text/index.ts';
import { toast } from '../parts/toast.tsx';
import { EditFault } from './csvtext.ts';
import { Grid, type GridActions, type GridSource } from './grid.ts';
import { LiveColumn } from './livecolumn.ts';
import type { MapDraft } from './mapdraft.ts';
import { meaningOf } from './meanings.ts';
import type { Opened } from './opened.ts';
import { at, type Range, type Selection } from './selection.ts';

interface Props {
  opened: Opened;
  editable: boolean;
  device: string;
  find: () => void;
  explain: (column: string) => void;
  selected: (s: Selection) => void;
  /** Is given the grid, to lead to rows. */
  made: (g: MapGrid) => void;
}

/** What the view does with the grid. */
export interface MapGrid {
  grid: Grid;
  picked(): Range;
  actions: GridActions;
  /** Leads to a row and column; focus: to go on there by the keyboard. */
  lead(row: number, column: number, focus?: boolean): void;
}

export function GridView(props: Props) {
  const host = useRef<HTMLDivElement>(null);
  const now = useRef(props);
  now.current = props;
  const { opened } = props;
  const table = opened.table;
  const made = useRef<MapGrid | undefined>(undefined);
  const live = useRef<LiveColumn | undefined>(undefined);
  useEffect(() => {
    if (!host.current || !table) return;
    const column = new LiveColumn(
      () => seenTags(grid, table),
      () => grid.liveChanged(),
    );
    const source = sourceOf(opened, table, column, () => now.current.editable);
    const actions = actionsOf(opened, table, now, () => grid);
    const grid = new Grid(source, actions, { grid: opened.name, row: t('maps.row'), live: t('maps.live'), cell: t('maps.cell'), help: t('maps.meaning') });
    host.current.append(grid.box);
    grid.begin(firstRow(table));
    const mine: MapGrid = { grid, actions, picked: () => grid.picked, lead: (row, c, focus) => lead(grid, row, c, focus) };
    made.current = mine;
    live.current = column;
    now.current.made(mine);
    column.of(now.current.device);
    column.start();
    let columns = table.columns.join('\n');
    const forget = opened.follow(() => {
      const names = table.columns.join('\n');
      if (names === columns) grid.changed();
      else grid.columnsChanged();
      columns = names;
    });
    return () => {
      forget();
      column.stop();
      grid.end();
    };
  }, [table]);
  useEffect(() => live.current?.of(props.device), [props.device, table]);
  useEffect(() => made.current?.grid.changed(), [props.editable]);
  return <div class="gridhost" ref={host} />;
}

const head = 1000; // lines in which the first row is looked for

/** firstRow is the first that has a tag: comments before it are above, for whoever scrolls there. */
function firstRow(table: MapDraft): number {
  for (let row = 0; row < Math.min(table.rows, head); row++) if (table.tag(row) !== '') return row;
  return 0;
}

function lead(grid: Grid, row: number, column: number, focus = true): void {
  grid.select(at(row, Math.max(0, column)));
  if (focus) grid.focus();
}

function seenTags(grid: Grid, table: MapDraft): string[] {
  const [first, last] = grid.seen();
  return Array.from({ length: Math.max(0, Math.min(last, table.rows) - first) }, (_, n) => table.tag(first + n));
}

function sourceOf(opened: Opened, table: MapDraft, live: LiveColumn, editable: () => boolean): GridSource {
  return {
    get rows() {
      return table.rows;
    },
    get columns() {
      return table.columns;
    },
    get editable() {
      return editable();
    },
    whole: (row) => table.whole(row),
    cells: (row) => table.cells(row),
    number: (row) => table.number(row),
    mark: (row, column) => table.mark(row, column),
    live: (row) => opened.readings.get(table.line(row)) ?? live.live(table.tag(row)),
    meaning: (column) => meaningOf(table.columns[column] ?? ''),
  };
}

function actionsOf(opened: Opened, table: MapDraft, now: { current: Props }, grid: () => Grid): GridActions {
  const edit = (f: () => unknown) => {
    try {
      if (f()) opened.edited();
    } catch (err) {
      if (!(err instanceof EditFault)) throw err;
      toast(t(`maps.fault.${err.reason}`, { line: table.map.numbers()[err.line] ?? 0 }), 'bad');
      grid().changed();
    }
  };
  const step = (f: () => { row: number; column: number } | undefined) =>
    edit(() => {
      const s = f();
      if (s) grid().select(at(Math.min(s.row, table.rows - 1), s.column));
      return s;
    });
  return {
    set: (row, column, text) => edit(() => table.set(row, column, text)),
    clear: (range) => edit(() => table.clear(range)),
    paste: (range, text) =>
      edit(() => {
        const r = table.paste(range, text);
        if (r) grid().select({ active: { row: r.top, column: r.left }, other: { row: r.bottom, column: r.right } }, false);
        return r;
      }),
    copy: (range) => table.copy(range),
    fill: (from, to, asSeries) =>
      edit(() => {
        const done = table.fill(from, to, asSeries);
        grid().select({ active: { row: from.top, column: from.left }, other: { row: to, column: from.right } });
        return done;
      }),
    insert: (row, count) => edit(() => table.insert(row, Array.from({ length: count }, () => []))),
    remove: (range) => edit(() => table.remove(range)),
    undo: () => step(() => table.back()),
    redo: () => step(() => table.again()),
    find: () => now.current.find(),
    nextProblem: (by) => nextProblem(table, grid(), by),
    explain: (column) => now.current.explain(table.columns[column] ?? ''),
    selected: (s) => now.current.selected(s),
  };
}

/** Leads to the next cell with a problem after the active one, round and round. */
function nextProblem(table: MapDraft, grid: Grid, by: 1 | -1): void {
  const places = table.found.map((f) => [table.rowOf(f.at), Math.max(0, f.cell)] as const).filter(([row]) => row >= 0);
  places.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  if (by < 0) places.reverse();
  const { row, column } = grid.selection.active;
  const next = places.find(([r, c]) => (by > 0 ? r > row || (r === row && c > column) : r < row || (r === row && c < column))) ?? places[0];
  if (next) lead(grid, next[0], next[1]);
}
