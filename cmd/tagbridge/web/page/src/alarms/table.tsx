// Active alarms as a table, the most urgent first, as the API has them.
import { bridgeNow } from '../heard.ts';
import { valueText } from '../number.ts';
import type { Alarm } from '../overview/answers.ts';
import { alarmState } from '../overview/states.ts';
import { Badge, QualityBadge } from '../parts/badge.tsx';
import { Table, type Column } from '../parts/table.tsx';
import { href } from '../router.ts';
import { t } from '../text/index.ts';
import { howLong, parse, stamp, whole } from '../time.ts';

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

const columns = (): Column<Alarm>[] => [
  { head: t('overview.alarm'), cell: (a) => <a href={href('values', { tag: name(a) })}>{name(a)}</a> },
  { head: t('overview.level'), cell: (a) => <Badge kind={alarmState(a)} text={t('overview.leveled', { level: a.level, priority: a.priority })} /> },
  { head: t('overview.for'), cell: (a) => <Since at={a.since} /> },
  { head: t('overview.value'), right: true, cell: (a) => (a.value === null ? <QualityBadge quality={a.quality} /> : withUnit(valueText(a.value), a.unit)) },
  { head: t('overview.limit'), right: true, spare: true, cell: (a) => withUnit(valueText(a.limit), a.unit) },
  { head: t('overview.text'), wide: true, cell: (a) => a.text },
];

/** began is when it was raised, for those who want to know it by the clock. */
const began: Column<Alarm>['cell'] = (a) => {
  const at = parse(a.since);
  return at ? <time dateTime={a.since} title={whole(at)}>{stamp(at, bridgeNow())}</time> : null;
};

interface Props {
  label: string;
  rows: readonly Alarm[];
  /** With when each was raised. */
  dated?: boolean;
}

export function AlarmTable({ label, rows, dated }: Props) {
  const list = columns();
  if (dated) list.splice(2, 0, { head: t('alarms.since'), cell: began, spare: true });
  return <Table label={label} rows={rows} id={name} columns={list} />;
}
