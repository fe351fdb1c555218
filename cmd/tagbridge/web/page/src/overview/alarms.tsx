// The alarms that are active, the most urgent first; nothing where there is none.
import { AlarmTable } from '../alarms/table.tsx';
import { grouped } from '../number.ts';
import { href } from '../router.ts';
import { count, t } from '../text/index.ts';
import type { Alarm } from './answers.ts';

/** Alarms shows the most urgent ones of all. */
export function Alarms({ rows, all }: { rows: readonly Alarm[]; all: number }) {
  if (rows.length === 0) return null;
  return (
    <section>
      <h2>
        <a href={href('alarms')}>{t('overview.alarms')}</a> <span class="soft">{grouped(Math.max(all, rows.length))}</span>
      </h2>
      <AlarmTable label={t('overview.alarms')} rows={rows} />
      {all > rows.length ? <p><a href={href('alarms')}>{count('overview.morealarms', all - rows.length)}</a></p> : null}
    </section>
  );
}
