// The tools above the grid.
import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { t } from '../text/index.ts';
import { columnNames } from './columns.ts';
import type { MapGrid } from './gridview.tsx';
import type { MapDraft } from './mapdraft.ts';
import { meaningOf } from './meanings.ts';
import type { Opened } from './opened.ts';

interface Props {
  opened: Opened;
  table: MapDraft;
  grid: MapGrid | undefined;
  find: RefObject<HTMLInputElement | null>;
  editable: boolean;
}

export function Tools({ opened, table, grid, find, editable }: Props) {
  const act = (f: (g: MapGrid) => void) => () => {
    if (!grid) return;
    f(grid);
    grid.grid.focus();
  };
  return (
    <div class="tools" role="toolbar" aria-label={t('maps.tools')}>
      {editable ? (
        <>
          <Tool sign="↶" text={t('maps.undo')} keys="Ctrl+Z" disabled={!table.undo.canUndo} act={act((g) => g.actions.undo())} />
          <Tool sign="↷" text={t('maps.redo')} keys="Ctrl+Y" disabled={!table.undo.canRedo} act={act((g) => g.actions.redo())} />
          <span class="bar" />
          <Tool text={t('maps.addrows')} keys="Ctrl++" act={act((g) => addRows(g))} />
          <Tool text={t('maps.removerows')} keys="Ctrl+-" act={act((g) => g.actions.remove(g.picked()))} />
          <Tool text={t('maps.filldown')} keys="Ctrl+D" act={act((g) => fill(g, false))} />
          <Tool text={t('maps.series')} act={act((g) => fill(g, true))} />
          <AddColumn table={table} opened={opened} />
        </>
      ) : null}
      <Find table={table} grid={grid} find={find} opened={opened} />
    </div>
  );
}

function Tool({ text, act, keys = '', sign = '', disabled = false }: { text: string; act: () => void; keys?: string; sign?: string; disabled?: boolean }) {
  const title = keys ? `${text} (${keys})` : text;
  return (
    <button title={title} disabled={disabled} onClick={act} {...(sign ? { 'aria-label': text } : {})}>
      {sign || text}
    </button>
  );
}

/** As many rows as are selected, below them. */
function addRows(g: MapGrid): void {
  const { top, bottom } = g.picked();
  g.actions.insert(g.grid.source.rows === 0 ? 0 : bottom + 1, bottom - top + 1);
  g.lead(Math.min(bottom + 1, g.grid.source.rows - 1), 0);
}

/** The first row of what is selected into the others: again, or as a series. */
function fill(g: MapGrid, asSeries: boolean): void {
  const r = g.picked();
  const top = r.top === r.bottom ? Math.max(0, r.top - 1) : r.top;
  g.actions.fill({ ...r, top, bottom: top }, r.bottom, asSeries);
}

function AddColumn({ table, opened }: { table: MapDraft; opened: Opened }) {
  const there = new Set(table.columns.map((c) => c.toLowerCase()));
  const free = columnNames.filter((c) => !there.has(c));
  const add = (name: string) => {
    const label = name === 'label.' ? `label.${freeLabel(there)}` : name;
    if (label && table.addColumn(label)) opened.edited();
  };
  return (
    <select aria-label={t('maps.addcolumn')} value="" onChange={(e) => {
      add(e.currentTarget.value);
      e.currentTarget.value = '';
    }}>
      <option value="">{t('maps.addcolumn')}</option>
      {free.map((c) => (
        <option key={c} value={c} title={meaningOf(c)}>
          {c}
        </option>
      ))}
      <option value="label.">label.…</option>
    </select>
  );
}

function freeLabel(there: ReadonlySet<string>): string {
  for (const name of ['area', 'line', 'machine', 'group', 'place']) if (!there.has(`label.${name}`)) return name;
  return '';
}

function Find({ table, grid, find, opened }: { table: MapDraft; grid: MapGrid | undefined; find: RefObject<HTMLInputElement | null>; opened: Opened }) {
  const [text, setText] = useState('');
  const [faulty, setFaulty] = useState(false);
  useEffect(() => {
    table.show(text, faulty);
    opened.tell();
  }, [text, faulty, table]);
  const key = (e: KeyboardEvent) => {
    if (e.key === 'Escape') setText('');
    if (e.key === 'Enter' || e.key === 'Escape') grid?.grid.focus();
  };
  return (
    <span class="find">
      <input ref={find} type="search" placeholder={t('maps.find')} aria-label={t('maps.find')} value={text} onInput={(e) => setText(e.currentTarget.value)} onKeyDown={key} />
      <label>
        <input type="checkbox" checked={faulty} onChange={(e) => setFaulty(e.currentTarget.checked)} /> {t('maps.onlyproblems')}
      </label>
    </span>
  );
}
