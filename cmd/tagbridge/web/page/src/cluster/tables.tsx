// The tables of a cluster: members, endpoints, servers, and what members that are gone have left.
import type { ComponentChildren } from 'preact';
import { bridgeNow } from '../heard.ts';
import { grouped } from '../number.ts';
import { Badge } from '../parts/badge.tsx';
import { Table, type Column } from '../parts/table.tsx';
import { href } from '../router.ts';
import { t } from '../text/index.ts';
import { howLong, parse, whole } from '../time.ts';
import { memberState, movesOf, restState, since, type Cluster, type Endpoint, type Member, type Rest, type Server } from './state.ts';

function Since({ at }: { at: string | null }) {
  const begin = parse(at);
  return begin ? <span title={whole(begin)}>{since(at, bridgeNow())}</span> : <span class="soft">–</span>;
}

/** Moves is where the endpoints of a member would go. */
function Moves({ cluster: c, member: m }: { cluster: Cluster; member: Member }) {
  const moves = m.silent ? [] : movesOf(c.endpoints, m.node);
  if (moves.length === 0) return <span class="soft">–</span>;
  return (
    <span class="wrapped">
      {moves.map(({ to, n }, i) => (
        <span key={to}>
          {i > 0 ? ', ' : ''}
          {to === '' ? <span class="lost">{t('cluster.would.nobody', { n: grouped(n) })}</span> : t('cluster.would', { n: grouped(n), node: to })}
        </span>
      ))}
    </span>
  );
}

function revision(c: Cluster, m: Member): ComponentChildren {
  if (m.revision === 0) return <span class="soft">–</span>;
  const old = c.revision.newest > m.revision;
  return <span class={old || m.revision_note !== '' ? 'text-uncertain' : ''} title={m.revision_note}>{`${old || m.revision_note !== '' ? '▲ ' : ''}${m.revision}`}</span>;
}

/** late is for how many seconds what was read may wait to be copied until that is to be seen. */
const late = 10;

/** Lag is what others have no copy of, of what a member has read and not delivered. */
function Lag({ member: m }: { member: Member }) {
  if (m.copy_behind_samples === null) return <span class="soft">–</span>;
  const seconds = m.copy_behind_seconds ?? 0;
  return (
    <span class={seconds >= late ? 'text-uncertain' : ''} title={seconds > 0 ? t('cluster.copy.for', { time: howLong(seconds) }) : ''}>
      {`${seconds >= late ? '▲ ' : ''}${grouped(m.copy_behind_samples)}`}
    </span>
  );
}

const memberColumns = (c: Cluster): Column<Member>[] => [
  { head: t('cluster.member'), cell: (m) => <>{m.node}{m.self ? <span class="soft"> {t('cluster.self')}</span> : null}</> },
  { head: t('cluster.state'), cell: (m) => { const s = memberState(m); return <Badge kind={s.kind} text={t(s.word)} />; } },
  { head: t('cluster.known'), title: t('cluster.known.means'), cell: (m) => <Since at={m.since} /> },
  { head: t('cluster.silent'), title: t('cluster.silent.means'), cell: (m) => <Since at={m.silent ? m.heard : null} /> },
  { head: t('cluster.reads'), title: t('cluster.reads.means'), right: true, cell: (m) => grouped(m.reads) },
  { head: t('cluster.copy.lag'), title: t('cluster.copy.lag.means'), right: true, cell: (m) => <Lag member={m} /> },
  { head: t('cluster.would.head'), title: t('cluster.would.means'), wide: true, cell: (m) => <Moves cluster={c} member={m} /> },
  { head: t('cluster.revision'), title: t('cluster.revision.means'), right: true, cell: (m) => revision(c, m) },
  { head: t('cluster.version'), cell: (m) => m.version, spare: true },
];

export function Members({ cluster: c }: { cluster: Cluster }) {
  return <Table label={t('cluster.members')} columns={memberColumns(c)} rows={c.members.map((m, i) => ({ ...m, i }))} id={(m) => String((m as Member & { i: number }).i)} />;
}

const named = 4;

function Devices({ list }: { list: readonly string[] }) {
  return (
    <span title={list.slice(0, 40).join(', ')}>
      {list.slice(0, named).map((d, i) => <>{i > 0 ? ', ' : ''}<a key={d} href={href('values', { device: d })}>{d}</a></>)}
      {list.length > named ? <span class="soft"> {t('overview.more', { n: list.length - named })}</span> : null}
    </span>
  );
}

/** Reader is who reads e: nobody and two are wrong. */
function Reader({ endpoint: e }: { endpoint: Endpoint }) {
  if (e.owner === '') return <Badge kind="bad" text={e.only.length > 0 ? t('cluster.readby.only', { only: e.only.join(', ') }) : t('cluster.readby.nobody')} />;
  if (e.also.length > 0) return <Badge kind="bad" text={t('cluster.readby.twice', { list: [e.owner, ...e.also].join(', ') })} />;
  return <>{e.owner}{e.here ? <span class="soft"> {t('cluster.self')}</span> : null}</>;
}

const endpointColumns = (): Column<Endpoint>[] => [
  { head: t('cluster.endpoint'), cell: (e) => <span title={e.endpoint}>{e.endpoint}</span> },
  { head: t('cluster.readby'), cell: (e) => <Reader endpoint={e} /> },
  { head: t('cluster.since'), title: t('cluster.readby.since'), cell: (e) => <Since at={e.since} /> },
  { head: t('cluster.epoch'), title: t('cluster.epoch.means'), right: true, cell: (e) => grouped(e.epoch), spare: true },
  { head: t('cluster.next'), title: t('cluster.next.means'), cell: (e) => e.would || <span class="soft">–</span> },
  { head: t('cluster.devices'), wide: true, cell: (e) => <Devices list={e.devices} /> },
];

export function Endpoints({ rows }: { rows: readonly Endpoint[] }) {
  return <Table label={t('cluster.endpoints')} columns={endpointColumns()} rows={rows} id={(e) => e.endpoint} />;
}

const serverColumns = (): Column<Server>[] => [
  { head: t('cluster.server'), cell: (v) => v.server },
  { head: t('cluster.state'), cell: (v) => <Badge kind={v.connected ? 'good' : 'bad'} text={t(v.connected ? 'cluster.connected' : 'cluster.apart')} /> },
  { head: t('cluster.since'), cell: (v) => <Since at={v.since} /> },
  { head: t('cluster.beats'), title: t('cluster.beats.means'), right: true, cell: (v) => <span class={v.beats_lost > 0 ? 'text-uncertain' : 'soft'}>{grouped(v.beats_lost)}</span>, spare: true },
  { head: t('cluster.error'), wide: true, cell: (v) => <span class="wrapped" lang="en">{v.error}</span> },
];

export function Servers({ rows }: { rows: readonly Server[] }) {
  return <Table label={t('cluster.servers')} columns={serverColumns()} rows={rows} id={(v) => v.server} />;
}

const restColumns = (): Column<Rest>[] => [
  { head: t('cluster.leftby'), cell: (r) => r.node },
  { head: t('cluster.forsink'), cell: (r) => r.sink },
  { head: t('cluster.state'), cell: (r) => { const s = restState(r); return <Badge kind={s.kind} text={t(s.word, { node: r.by })} />; } },
  { head: t('cluster.rest.left'), title: t('cluster.rest.left.means'), right: true, cell: (r) => grouped(r.waits) },
  { head: t('cluster.rest.copied'), title: t('cluster.rest.copied.means'), right: true, cell: (r) => grouped(r.copied) },
  { head: t('cluster.rest.delivered'), right: true, cell: (r) => grouped(r.delivered), spare: true },
  { head: t('cluster.rest.nocopy'), title: t('cluster.rest.nocopy.means'), right: true, cell: (r) => <span class={r.missing > 0 ? 'lost' : ''}>{grouped(r.missing)}</span> },
];

export function Rests({ rows }: { rows: readonly Rest[] }) {
  return <Table label={t('cluster.rests')} columns={restColumns()} rows={rows.map((r, i) => ({ ...r, i }))} id={(r) => String((r as Rest & { i: number }).i)} />;
}
