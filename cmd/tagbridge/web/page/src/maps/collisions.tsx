// What two have changed differently: what is there now, and hers beside it.
import { t } from '../text/index.ts';
import type { MapGrid } from './gridview.tsx';
import type { Collision } from './merge.ts';
import type { Opened } from './opened.ts';

export function Collisions({ opened, grid, editable }: { opened: Opened; grid: MapGrid | undefined; editable: boolean }) {
  if (opened.collisions.length === 0) return null;
  const done = (c: Collision) => {
    opened.collisions = opened.collisions.filter((x) => x !== c);
    opened.tell();
  };
  const take = (c: Collision) => {
    const { table } = opened;
    if (!table) return;
    for (let row = 0; row < table.rows; row++) {
      if (table.tag(row) !== c.tag) continue;
      grid?.actions.set(row, table.columns.indexOf(c.column), c.mine ?? '');
      grid?.lead(row, table.columns.indexOf(c.column));
    }
    done(c);
  };
  return (
    <section class="collisions" aria-label={t('maps.collisions')}>
      <p role="alert">{t('maps.collided', { n: opened.collisions.length })}</p>
      <div class="scroll" tabIndex={0} role="region" aria-label={t('maps.collisions')}>
        <table>
          <thead>
            <tr>
              {[t('maps.row'), t('maps.column'), t('maps.was'), t('maps.theirs'), t('maps.mine'), ''].map((h) => (
                <th key={h} scope="col">
                  {h}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {opened.collisions.slice(0, 200).map((c, n) => (
              <tr key={n}>
                <td>{c.tag}</td>
                <td>{c.column || t('maps.wholerow')}</td>
                <td>{c.base}</td>
                <td>{c.theirs ?? t('maps.removed')}</td>
                <td>
                  <b>{c.mine ?? t('maps.removed')}</b>
                </td>
                <td>
                  {editable && c.column && opened.table ? <button onClick={() => take(c)}>{t('maps.takemine')}</button> : null}{' '}
                  <button onClick={() => done(c)}>{t('maps.leave')}</button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
