// The alarms that are active, the most urgent first; nothing where there is none.
import { grouped, valueText } from '../number.ts';
import { Badge, QualityBadge } from '../parts/badge.tsx';
import { Table, type Column } from '../parts/table.tsx';
import { bridgeNow } from '../heard.ts';
import { href } from '../router.ts';
import { count, t } from '../text/index.ts';
import { howLong, parse, whole } from '../time.ts';
import type { Alarm } from './answers.ts';
import { alarmState } from './states.ts';

function Since({ at }: { at: string }) {
  const begin = parse(at);
  if (!begin) return null;
  return <span title={whole(begin)}>{howLong((bridgeNow().getTime() - begin.getTime()) / 1000)}</span>;
}

const name = (a: Alarm) => `${a.device}/${a.tag}`;

/** withUnit is a value with its unit; nothing for null. */
function withUnit(value: string, unit: string): string {
  return value === '' || unit === '' ? value : `${value}\u202f${unit}`;
}

function columns(): Column<Alarm>[] {
  return [
    { head: t('overview.alarm'), cell: (a) => <a href={href('values', { tag: name(a) })}>{name(a)}</a> },
    { head: t('overview.level'), cell: (a) => <Badge kind={alarmState(a)} text={t('overview.leveled', { level: a.level, priority: a.priority })} /> },
    { head: t('overview.for'), cell: (a) => <Since at={a.since} /> },
    { head: t('overview.value'), right: true, cell: (a) => (a.value === null ? <QualityBadge quality={a.quality} /> : withUnit(valueText(a.value), a.unit)) },
    { head: t('overview.limit'), right: true, spare: true, cell: (a) => withUnit(valueText(a.limit), a.unit) },
    { head: t('overview.text'), wide: true, cell: (a) => a.text },
  ];
}

/** Alarms shows the most urgent ones of all. */
export function Alarms({ rows, all }: { rows: readonly Alarm[]; all: number }) {
  if (rows.length === 0) return null;
  return (
    <section>
      <h2>
        {t('overview.alarms')} <span class="soft">{grouped(Math.max(all, rows.length))}</span>
      </h2>
      <Table label={t('overview.alarms')} rows={rows} id={name} columns={columns()} />
      {all > rows.length ? <p class="soft">{count('overview.morealarms', all - rows.length)}</p> : null}
    </section>
  );
}
