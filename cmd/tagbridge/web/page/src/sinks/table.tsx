import { Badge } from '../parts/badge.tsx';
import { Empty } from '../parts/empty.tsx';
import { Table, type Column } from '../parts/table.tsx';
import { grouped } from '../number.ts';
import { href } from '../router.ts';
import { t } from '../text/index.ts';
import { parse, stamp } from '../time.ts';
import { backlog, kindOf, wordOf, type SinkState } from './state.ts';

const columns = (): Column<SinkState>[] => [
  { head: t('sinks.sink'), cell: (s) => <a href={href('sinks', { sink: s.sink })}>{s.sink}</a> },
  { head: t('sinks.type'), cell: (s) => s.type, spare: true },
  { head: t('sinks.state'), cell: (s) => <Badge kind={kindOf(s)} text={wordOf(s)} /> },
  { head: t('sinks.backlog'), cell: (s) => <span class="backlog">{backlog(s)}</span> },
  { head: t('sinks.delivered'), right: true, cell: (s) => <span title={sinceOf(s)}>{grouped(s.delivered)}</span> },
  { head: t('sinks.rejected'), right: true, cell: (s) => (s.kept > 0 ? <a href={href('sinks', { sink: s.sink })}>{grouped(s.kept)}</a> : '0') },
  { head: t('sinks.lost'), right: true, cell: (s) => <span class={s.dropped > 0 ? 'lost' : ''}>{grouped(s.dropped)}</span> },
  { head: t('sinks.error'), wide: true, cell: (s) => <span class="wrapped" lang="en">{s.error}</span> },
];

function sinceOf(s: SinkState): string {
  const at = parse(s.since);
  return at ? t('common.since', { time: stamp(at) }) : '';
}

/** SinkTable has the worst first, else the order of the configuration. */
export function SinkTable({ sinks }: { sinks: readonly SinkState[] }) {
  if (sinks.length === 0) return <Empty>{t('sinks.none')}</Empty>;
  const order = { bad: 0, uncertain: 1, good: 2, away: 3 };
  const list = [...sinks].sort((a, b) => order[kindOf(a)] - order[kindOf(b)]);
  return <Table label={t('view.sinks')} columns={columns()} rows={list} id={(s) => s.sink} />;
}
