// Events as a table; it grows as one asks for more, so that thousands do not cost the first look.
import { useState } from 'preact/hooks';
import { Badge } from '../parts/badge.tsx';
import { Table, type Column } from '../parts/table.tsx';
import { href } from '../router.ts';
import { count, t } from '../text/index.ts';
import { bridgeNow } from '../heard.ts';
import { howLong, parse, stamp, whole } from '../time.ts';
import { detailOf, identity, kinds, type Event } from './event.ts';

const step = 200;

function When({ event: e }: { event: Event }) {
  const at = parse(e.time);
  return at ? <time dateTime={e.time} title={whole(at)}>{stamp(at, bridgeNow())}</time> : <>{e.time}</>;
}

/** Of is the device, tag or sink that it is about, which leads there. */
function Of({ event: e }: { event: Event }) {
  if (e.device && e.tag) return <a href={href('values', { tag: `${e.device}/${e.tag}` })}>{`${e.device}/${e.tag}`}</a>;
  if (e.device) return <a href={href('connections', { device: e.device })}>{e.device}</a>;
  if (e.sink) return <a href={href('sinks', { sink: e.sink })}>{e.sink}</a>;
  return null;
}

/** lasted is how long that was which ended, or goes on. */
function lasted(e: Event): string {
  const from = parse(e.since);
  const to = parse(e.time);
  return from && to && to > from ? howLong((to.getTime() - from.getTime()) / 1000) : '';
}

/** columns are those of a table of events. */
export const columns = (): Column<Event>[] => [
  { head: t('events.when'), cell: (e) => <When event={e} /> },
  { head: t('events.kind'), cell: (e) => <Badge kind={kinds[e.kind]?.sign ?? 'none'} text={kinds[e.kind] ? t(kinds[e.kind]!.text) : e.kind} /> },
  { head: t('events.of'), cell: (e) => <Of event={e} /> },
  { head: t('events.lasted'), right: true, cell: lasted, title: t('events.lasted.means') },
  { head: t('events.text'), wide: true, cell: (e) => <span class="wrapped" lang="en">{e.more ? `${detailOf(e)} ${count('events.more', e.more)}` : detailOf(e)}</span> },
  { head: t('events.by'), cell: (e) => e.by, spare: true },
];

export function EventTable({ events }: { events: readonly Event[] }) {
  const [shown, show] = useState(step);
  return (
    <>
      <Table label={t('view.events')} columns={columns()} rows={events.slice(0, shown)} id={identity} />
      {events.length > shown ? <p><button onClick={() => show(shown + step)}>{t('events.older', { n: Math.min(step, events.length - shown) })}</button></p> : null}
    </>
  );
}
