// The tools above the grid.
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { t } from '../text/index.ts';
import type { Ask } from './ask/panel.tsx';
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
  /** What the device of the map can be asked. */
  asks: readonly Ask[];
  ask: (a: Ask) => void;
}

export function Tools({ opened, table, grid, find, editable, asks, ask }: Props) {
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
          {asks.length > 0 ? <span class="bar" /> : null}
          {asks.map((a) => <Tool key={a} text={t(`ask.${a}`)} act={() => ask(a)} />)}
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

const labelOf = 'label.';

function AddColumn({ table, opened }: { table: MapDraft; opened: Opened }) {
  const [naming, name] = useState(false);
  const there = new Set(table.columns.map((c) => c.toLowerCase()));
  const add = (column: string) => {
    if (table.addColumn(column)) opened.edited();
  };
  if (naming) return <NameLabel there={there} add={add} done={() => name(false)} />;
  return (
    <select
      aria-label={t('maps.addcolumn')}
      value=""
      onChange={(e) => {
        if (e.currentTarget.value === labelOf) name(true);
        else add(e.currentTarget.value);
        e.currentTarget.value = '';
      }}
    >
      <option value="">{t('maps.addcolumn')}</option>
      {columnNames.filter((c) => !there.has(c)).map((c) => (
        <option key={c} value={c} title={meaningOf(c)}>
          {c}
        </option>
      ))}
      <option value={labelOf} title={meaningOf(labelOf)}>
        label.…
      </option>
    </select>
  );
}

/** NameLabel asks for the name of a label, which is the column label.NAME. */
function NameLabel({ there, add, done }: { there: ReadonlySet<string>; add: (column: string) => void; done: () => void }) {
  const box = useRef<HTMLInputElement>(null);
  const [text, type] = useState('');
  useLayoutEffect(() => box.current?.focus(), []);
  const column = labelOf + text.trim().replace(/^label\./i, '');
  const taken = there.has(column.toLowerCase());
  return (
    <form
      class="namelabel"
      onSubmit={(e) => {
        e.preventDefault();
        if (column === labelOf || taken) return;
        add(column);
        done();
      }}
    >
      <label>
        label.
        <input
          ref={box}
          value={text}
          maxLength={100}
          aria-label={t('maps.labelname')}
          placeholder={t('maps.labelname')}
          aria-invalid={taken}
          onInput={(e) => type(e.currentTarget.value)}
          onKeyDown={(e) => e.key === 'Escape' && done()}
        />
      </label>
      <button type="submit" disabled={column === labelOf || taken}>
        {t('maps.addit')}
      </button>
    </form>
  );
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
