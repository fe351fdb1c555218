// Where one is in the grid, and what is wrong there: in words, also for a screen reader.
import { t } from '../text/index.ts';
import type { MapDraft } from './mapdraft.ts';
import { rangeOf, type Selection } from './selection.ts';

export function Status({ table, selection }: { table: MapDraft; selection: Selection }) {
  const { row, column } = selection.active;
  if (row >= table.rows) return <p class="status">{t('maps.norows')}</p>;
  const r = rangeOf(selection);
  const [rows, columns] = [r.bottom - r.top + 1, r.right - r.left + 1];
  const mark = table.mark(row, column) ?? table.mark(row, -1);
  const whole = table.whole(row);
  const text = whole ?? table.cells(row)[column] ?? '';
  return (
    <p class="status" aria-live="polite">
      <span>{t('maps.at', { row: table.number(row), column: whole === undefined ? (table.columns[column] ?? '') : t('maps.comment') })}</span>{' '}
      <span class="text">{text.slice(0, 300)}</span>
      {mark ? <span class={`why ${mark.severity}`}>{`${mark.severity === 'problem' ? '✕' : '!'} ${mark.text}`}</span> : null}
      {rows * columns > 1 ? <span class="soft size">{t('maps.size', { rows, columns })}</span> : null}
    </p>
  );
}
