// The latest events, the newest on top.
import { Empty } from '../parts/empty.tsx';
import { identity, type Event } from '../events/event.ts';
import { columns } from '../events/table.tsx';
import { Table } from '../parts/table.tsx';
import { href } from '../router.ts';
import { t } from '../text/index.ts';

export function Latest({ events }: { events: readonly Event[] | undefined }) {
  const list = [...(events ?? [])].reverse();
  return (
    <section>
      <h2>{t('overview.events')}</h2>
      {list.length === 0 ? (
        <Empty>{events ? t('overview.noevents') : t('common.loading')}</Empty>
      ) : (
        <Table label={t('overview.events')} rows={list} id={identity} columns={columns()} />
      )}
      <p>
        <a href={href('events')}>{t('overview.allevents')}</a>
      </p>
    </section>
  );
}
