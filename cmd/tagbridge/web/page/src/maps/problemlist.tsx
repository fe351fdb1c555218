// What is wrong, as a list that leads there.
import { t } from '../text/index.ts';
import type { Problem } from './api.ts';
import type { MapGrid } from './gridview.tsx';
import type { Opened } from './opened.ts';

const most = 200; // that are listed

export function ProblemList({ opened, grid }: { opened: Opened; grid: MapGrid | undefined }) {
  const all = opened.finding?.problems ?? [];
  if (all.length === 0) return null;
  const lead = (p: Problem) => {
    const table = opened.table;
    const found = table?.found.find((f) => f.line === p.line && f.column === p.column && f.message === p.message);
    const row = table && found ? table.rowOf(found.at) : -1;
    if (row >= 0 && found) grid?.lead(row, found.cell);
    else if (!table) document.getElementById('maptext')?.dispatchEvent(new CustomEvent('lead', { detail: p.line }));
  };
  return (
    <ul class="problems" aria-label={t('maps.problemlist')}>
      {all.slice(0, most).map((p, n) => (
        <li key={n}>
          <button class="plain" disabled={p.file !== opened.name} onClick={() => lead(p)}>
            <span class={p.severity}>{p.severity === 'problem' ? '✕' : '!'}</span>{' '}
            <b>{p.file === opened.name ? t(opened.table ? 'maps.inrow' : 'maps.line', { line: p.line }) : `${p.file}:${p.line}`}</b> <span class="text" lang="en">{p.message}</span>
          </button>
        </li>
      ))}
      {all.length > most ? <li class="soft">{t('maps.moreproblems', { n: all.length - most })}</li> : null}
    </ul>
  );
}
