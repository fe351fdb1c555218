// One connection: how it is, how much of its time is used beside what is planned, what to read less often, its plan.
import { useState } from 'preact/hooks';
import { Away, Badge } from '../parts/badge.tsx';
import { Table, type Column } from '../parts/table.tsx';
import { grouped, percent } from '../number.ts';
import { href } from '../router.ts';
import { count, t } from '../text/index.ts';
import { parse, stamp } from '../time.ts';
import { milliseconds, tableName, Timeline } from './timeline.tsx';
import type { Request } from '../timeline.ts';

/** LineState is an element of /api/v1/lines. */
export interface LineState {
  line: string;
  connected: boolean;
  /** Another member of the cluster reads its devices: read_by; '' where nobody does. */
  elsewhere: boolean;
  read_by: string;
  busy: number;
  planned: number;
  exchanges: number;
  opens: number;
  unsent: number;
  overdue_seconds: number;
  slow_down: { device: string; period: string; share: number; tags: number; fits: string }[];
}

/** DeviceState is an element of /api/v1/devices. */
export interface DeviceState {
  device: string;
  online: boolean;
  elsewhere: boolean;
  read_by: string;
  since: string | null;
  error: string;
  late: number;
  missed: number;
  latency_ms: number;
  tags: number;
  bad_tags: number;
}

/** Connection is an element of /api/v1/plan. */
export interface Connection {
  endpoint: string;
  devices: string[];
  busy: number;
  parallel: number;
  requests: Request[];
  computed?: { device: string; tags: number; inputs: string[]; mode: string; period_ms: number }[];
  nodes?: { device: string; nodes: number; mode: string; period_ms: number }[];
  learned?: { device: string }[];
}

interface Props {
  line: LineState;
  plan: Connection | undefined;
  devices: readonly DeviceState[];
  open: boolean;
}

export function Line({ line, plan, devices, open }: Props) {
  const [opened, setOpened] = useState(open);
  return (
    <section class="panel" aria-label={line.line}>
      <h2 class="line">
        <button class="plain" aria-expanded={opened} aria-label={t(opened ? 'connections.close' : 'connections.open', { line: line.line })} onClick={() => setOpened(!opened)}>
          {opened ? '▾' : '▸'}
        </button>
        <span class="name">{line.line}</span>
        <State line={line} />
      </h2>
      {opened ? null : <Devices list={devices} />}
      <Used line={line} />
      {line.slow_down.length > 0 ? (
        <div class="advice">
          <p>{t('connections.slow')}</p>
          <ul>
            {line.slow_down.map((s) => (
              <li key={`${s.device} ${s.period}`}>
                {count('connections.slower', s.tags, { device: s.device, period: s.period, share: percent(s.share), fits: s.fits })}{' '}
                <a href={href('maps', { device: s.device })}>{t('connections.map')}</a>
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      {opened ? <Open line={line} plan={plan} devices={devices} /> : null}
    </section>
  );
}

const named = 5;

/** Devices are named while the connection is closed: those that are offline first, with the reason of the first of them. */
function Devices({ list }: { list: readonly DeviceState[] }) {
  const wrong = (d: DeviceState) => !d.online && !d.elsewhere;
  const sorted = [...list].sort((a, b) => Number(wrong(b)) - Number(wrong(a)));
  const why = sorted.find((d) => wrong(d) && d.error !== '');
  return (
    <p class="devices">
      {sorted.slice(0, named).map((d) => (
        <span key={d.device} class={wrong(d) ? 'text-bad' : ''}>
          {wrong(d) ? <span aria-hidden="true">✕ </span> : null}
          <a href={href('values', { device: d.device })}>{d.device}</a>
          {wrong(d) ? ` ${t('connections.offline')}` : ''}
        </span>
      ))}
      {sorted.length > named ? <span class="soft">{t('overview.more', { n: sorted.length - named })}</span> : null}
      {why ? <span class="why" lang="en" title={why.error}>{why.error}</span> : null}
    </p>
  );
}

function State({ line }: { line: LineState }) {
  if (line.overdue_seconds > 0) return <Badge kind="bad" text={t('connections.stuck')} />;
  if (line.elsewhere) return <Away by={line.read_by} />;
  return line.connected ? <Badge kind="good" text={t('connections.connected')} /> : <Badge kind="bad" text={t('connections.apart')} />;
}

/** Used are two bars, one above the other: measured and planned. */
function Used({ line }: { line: LineState }) {
  return (
    <div class="used">
      <Bar name={t('connections.measured')} share={line.busy} />
      {line.planned > 0 ? <Bar name={t('connections.planned')} share={line.planned} /> : null}
    </div>
  );
}

function Bar({ name, share }: { name: string; share: number }) {
  const full = Math.min(1, Math.max(0, share));
  return (
    <>
      <span>{name}</span>
      <span class="gauge" aria-hidden="true">
        <span class={full > 0.95 ? 'measured full' : 'measured'} style={{ width: `${full * 100}%` }} />
      </span>
      <span class="right">{percent(share)}</span>
    </>
  );
}

const deviceColumns = (): Column<DeviceState>[] => [
  { head: t('connections.device'), cell: (d) => <a href={href('values', { device: d.device })}>{d.device}</a> },
  { head: t('connections.state'), cell: (d) => (d.elsewhere ? <Away by={d.read_by} /> : <Badge kind={d.online ? 'good' : 'bad'} text={t(d.online ? 'connections.online' : 'connections.offline')} />) },
  { head: t('connections.since'), cell: (d) => { const at = parse(d.since); return at ? stamp(at) : ''; } },
  { head: t('connections.latency'), right: true, cell: (d) => (d.latency_ms > 0 ? milliseconds(d.latency_ms) : '') },
  { head: t('connections.late'), right: true, cell: (d) => grouped(d.late), title: t('connections.late.means') },
  { head: t('connections.bad'), right: true, cell: (d) => (d.bad_tags > 0 ? <a href={href('values', { device: d.device, quality: 'not-good' })}>{grouped(d.bad_tags)}</a> : '0') },
  { head: t('connections.error'), wide: true, cell: (d) => <span class="wrapped" lang="en">{d.error}</span> },
];

const requestColumns = (): Column<Request>[] => [
  { head: t('connections.device'), cell: (r) => r.device },
  { head: t('connections.unit'), right: true, cell: (r) => r.unit_id },
  { head: t('connections.what'), cell: (r) => `${tableName(r.table)} ${r.first}–${r.first + r.count - 1}` },
  { head: t('connections.tags'), right: true, cell: (r) => <span title={r.tags.slice(0, 40).join(', ')}>{r.tags.length}</span> },
  { head: t('connections.wasted'), right: true, cell: (r) => r.wasted, title: t('connections.wasted.means'), spare: true },
  { head: t('connections.every'), right: true, cell: (r) => milliseconds(r.period_ms) },
  { head: t('connections.takes'), right: true, cell: (r) => milliseconds(r.time_ms) },
  { head: t('connections.share'), right: true, cell: (r) => percent(r.share) },
];

const shownRequests = 300;

function Open({ line, plan, devices }: Omit<Props, 'open'>) {
  return (
    <>
      {devices.length > 0 ? <Table label={t('connections.devices', { line: line.line })} columns={deviceColumns()} rows={devices} id={(d) => d.device} /> : null}
      {plan?.nodes?.map((n) => (
        <p key={`${n.device} ${n.period_ms}`}>{count(n.mode === 'subscribe' ? 'connections.subscribes' : 'connections.reads', n.nodes, { device: n.device, period: milliseconds(n.period_ms) })}</p>
      ))}
      {plan?.computed?.map((c) => (
        <p key={`${c.device} ${c.period_ms}`}>
          {count(c.mode === 'change' ? 'connections.computesbychange' : 'connections.computes', c.tags, { device: c.device, period: milliseconds(c.period_ms) })}{' '}
          <span class="soft">{c.inputs.slice(0, 40).join(', ')}</span>
        </p>
      ))}
      {plan && plan.requests.length > 0 ? (
        <>
          <h2>{t('connections.timeline')}</h2>
          <Timeline requests={plan.requests} parallel={plan.parallel} />
          <h2>{t('connections.requests')}</h2>
          <Table label={t('connections.requests')} columns={requestColumns()} rows={plan.requests.slice(0, shownRequests)} id={(r) => `${r.device} ${r.function} ${r.first} ${r.period_ms}`} />
          {plan.requests.length > shownRequests ? <p class="soft">{count('connections.requests.more', plan.requests.length - shownRequests)}</p> : null}
        </>
      ) : null}
      {line.unsent > 0 ? <p class="advice">{t('connections.unsent', { n: grouped(line.unsent) })}</p> : null}
    </>
  );
}
