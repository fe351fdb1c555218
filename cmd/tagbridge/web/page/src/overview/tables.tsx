// The tables of the overview: what is wrong on top.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { grouped, percent } from '../number.ts';
import { Away, Badge } from '../parts/badge.tsx';
import { Empty } from '../parts/empty.tsx';
import { Table, type Column } from '../parts/table.tsx';
import { href } from '../router.ts';
import { bridgeNow } from '../heard.ts';
import { count, t } from '../text/index.ts';
import { howLong, parse, whole } from '../time.ts';
import type { Device, Line, Sink } from './answers.ts';
import { deviceState, lineState, sinkState, worstFirst, wrongOf, type State } from './states.ts';

/** figure is a whole number; 0 is pale, as nothing is to be seen in it. */
function figure(n: number, kind: 'bad' | 'uncertain' = 'uncertain'): ComponentChildren {
  return <span class={n === 0 ? 'soft' : `text-${kind}`}>{grouped(n)}</span>;
}

function Since({ at }: { at: string | null }) {
  const begin = parse(at);
  if (!begin) return <span class="soft">–</span>;
  return <span title={whole(begin)}>{howLong((bridgeNow().getTime() - begin.getTime()) / 1000)}</span>;
}

const badge = (s: State, title = '') => <Badge kind={s.kind} text={t(s.word)} {...(title ? { title } : {})} />;

function deviceColumns(): Column<Device>[] {
  return [
    { head: t('overview.device'), cell: (d) => <a href={href('values', { device: d.device })}>{d.device}</a> },
    { head: t('overview.state'), cell: (d) => (d.elsewhere ? <Away by={d.read_by} /> : badge(deviceState(d), d.error)) },
    { head: t('overview.for'), cell: (d) => <Since at={d.since} /> },
    { head: t('overview.tags'), right: true, cell: (d) => grouped(d.tags) },
    { head: t('overview.bad'), right: true, cell: (d) => (d.bad_tags === 0 ? figure(0) : <a href={href('values', { device: d.device, quality: 'bad' })}>{figure(d.bad_tags, 'bad')}</a>) },
    { head: t('overview.answers'), right: true, spare: true, cell: (d) => (d.polls === 0 ? '–' : `${d.latency_ms.toFixed(1)}\u202fms`) },
    { head: t('overview.late'), title: t('overview.late.title'), right: true, spare: true, cell: (d) => figure(d.late) },
    { head: t('overview.missed'), title: t('overview.missed.title'), right: true, spare: true, cell: (d) => figure(d.missed) },
  ];
}

function Busy({ line }: { line: Line }) {
  return (
    <span class="busy">
      <span class="gauge" aria-hidden="true">
        <span class="measured" style={{ width: `${Math.min(100, line.busy * 100)}%` }} />
        {line.planned > 0 ? <span class="planned" style={{ left: `${Math.min(100, line.planned * 100)}%` }} /> : null}
      </span>
      <span class="figures">
        {percent(line.busy)} <span class="soft">{line.planned > 0 ? t('overview.planned', { planned: percent(line.planned) }) : ''}</span>
      </span>
    </span>
  );
}

function lineColumns(): Column<Line>[] {
  return [
    { head: t('overview.connection'), cell: (l) => <a href={href('connections', { line: l.line })}>{l.line}</a> },
    { head: t('overview.state'), cell: (l) => (l.elsewhere ? <Away by={l.read_by} /> : badge(lineState(l))) },
    { head: t('overview.busy'), title: t('overview.busy.title'), wide: true, cell: (l) => <Busy line={l} /> },
  ];
}

function sinkColumns(): Column<Sink>[] {
  const drain = (k: Sink) => (k.behind_samples === 0 ? '–' : k.drain_seconds === null ? t('overview.never') : howLong(k.drain_seconds));
  return [
    { head: t('overview.sink'), cell: (k) => <a href={href('sinks', { sink: k.sink })}>{k.sink}</a> },
    { head: t('overview.state'), cell: (k) => badge(sinkState(k), k.error) },
    { head: t('overview.waiting'), right: true, cell: (k) => grouped(k.behind_samples) },
    { head: t('overview.oldest'), right: true, spare: true, cell: (k) => howLong(k.behind_seconds) },
    { head: t('overview.drain'), right: true, cell: drain },
    { head: t('overview.delivered'), right: true, spare: true, cell: (k) => grouped(k.delivered) },
    { head: t('overview.refused'), right: true, spare: true, cell: (k) => figure(k.kept) },
    { head: t('overview.lost'), right: true, cell: (k) => figure(k.dropped, 'bad') },
  ];
}

interface ListProps<Row> {
  title: string;
  none: string;
  rows: readonly Row[] | undefined;
  id: (row: Row) => string;
  state: (row: Row) => State;
  columns: Column<Row>[];
}

/** List shows all of few rows, and of many those that are wrong. */
function List<Row>({ title, none, rows, id, state, columns }: ListProps<Row>) {
  const [all, showAll] = useState(false);
  const sorted = worstFirst(rows ?? [], state);
  const shown = all ? sorted : wrongOf(sorted, state);
  const rest = sorted.length - shown.length;
  return (
    <section>
      <h2>
        {title} {sorted.length > 0 ? <span class="soft">{grouped(sorted.length)}</span> : null}
      </h2>
      {rows === undefined ? <p class="loading">{t('common.loading')}</p> : sorted.length === 0 ? <Empty>{none}</Empty> : <Table label={title} rows={shown} id={id} columns={columns} />}
      {rest > 0 || all ? (
        <p>
          <button onClick={() => showAll(!all)}>{all ? t('overview.fewer') : count('overview.all', rest)}</button>
        </p>
      ) : null}
    </section>
  );
}

export function Devices({ rows }: { rows: readonly Device[] | undefined }) {
  return <List title={t('overview.devices')} none={t('overview.nodevices')} rows={rows} id={(d) => d.device} state={deviceState} columns={deviceColumns()} />;
}

export function Lines({ rows }: { rows: readonly Line[] | undefined }) {
  return <List title={t('overview.connections')} none={t('overview.noconnections')} rows={rows} id={(l) => l.line} state={lineState} columns={lineColumns()} />;
}

export function Sinks({ rows }: { rows: readonly Sink[] | undefined }) {
  return <List title={t('overview.sinks')} none={t('overview.nosinks')} rows={rows} id={(k) => k.sink} state={sinkState} columns={sinkColumns()} />;
}
