// The latest events, the newest on top.
import { Empty } from '../parts/empty.tsx';
import { Table, type Column } from '../parts/table.tsx';
import { href } from '../router.ts';
import { t, type Key } from '../text/index.ts';
import { en } from '../text/en.ts';
import { bridgeNow } from '../status.ts';
import { parse, stamp, whole } from '../time.ts';
import type { Event } from './answers.ts';

/** kindText is the kind of an event in words; one that the page does not know is said as it is. */
export function kindText(kind: string): string {
  const key = `event.${kind}`;
  return key in en ? t(key as Key) : kind;
}

function about(e: Event): string {
  if (e.sink) return e.sink;
  return e.tag ? `${e.device}/${e.tag}` : e.device;
}

function When({ at }: { at: string }) {
  const d = parse(at);
  return d ? <time dateTime={at} title={whole(d)}>{stamp(d, bridgeNow())}</time> : <>{at}</>;
}

function columns(): Column<Event>[] {
  return [
    { head: t('events.time'), cell: (e) => <When at={e.time} /> },
    { head: t('events.kind'), cell: (e) => kindText(e.kind) },
    { head: t('events.about'), cell: about },
    { head: t('events.text'), wide: true, spare: true, cell: (e) => <span title={e.text}>{e.text}</span> },
  ];
}

export function Latest({ events }: { events: readonly Event[] | undefined }) {
  const list = [...(events ?? [])].reverse();
  return (
    <section>
      <h2>{t('overview.events')}</h2>
      {list.length === 0 ? (
        <Empty>{events ? t('overview.noevents') : t('common.loading')}</Empty>
      ) : (
        <Table label={t('overview.events')} rows={list} id={(e) => `${e.time} ${e.kind} ${e.device} ${e.tag} ${e.sink}`} columns={columns()} />
      )}
      <p>
        <a href={href('events')}>{t('overview.allevents')}</a>
      </p>
    </section>
  );
}
