// A cluster as one of its members sees it, which is the answer of /api/v1/cluster, and what to say of it first.
import type { QualityClass } from '../quality.ts';
import { count, t, type Key } from '../text/index.ts';
import { howLong, parse } from '../time.ts';

export interface Member {
  node: string;
  self: boolean;
  joined: boolean;
  silent: boolean;
  unlike: boolean;
  gone: boolean;
  draining: boolean;
  version: string;
  since: string | null;
  heard: string | null;
  reads: number;
  revision: number;
  revision_note: string;
  /** null: it copies nothing, or does not say. */
  copy_behind_samples: number | null;
  copy_behind_seconds: number | null;
}

export interface Endpoint {
  endpoint: string;
  /** '': nobody reads it. */
  owner: string;
  also: string[];
  only: string[];
  devices: string[];
  here: boolean;
  epoch: number;
  since: string | null;
  /** Who would read it if its reader died; '': nobody, or it is not known. */
  would: string;
}

export interface Server {
  server: string;
  connected: boolean;
  since: string | null;
  error: string;
  beats_lost: number;
}

export interface Copy {
  stream: string;
  behind_samples: number;
  behind_seconds: number;
  copied: number;
  bytes: number;
  missed: Record<string, number> | null;
  error: string;
  since: string | null;
  cursors_error: string;
}

/** Rest is what a member that is gone has left for a sink. */
export interface Rest {
  node: string;
  sink: string;
  by: string;
  waits: number;
  copied: number;
  delivered: number;
  missing: number;
  finished: boolean;
  no_sink: boolean;
}

export interface Cluster {
  /** '': the bridge is in none. */
  node: string;
  attached: boolean;
  joined: boolean;
  problem: string;
  stops: boolean;
  draining: boolean;
  servers: Server[];
  members: Member[];
  endpoints: Endpoint[];
  warnings: string[];
  revision: { applied: number; newest: number; refused: number; why: string };
  /** null: nothing is copied. */
  copy: Copy | null;
  inherited: Rest[];
  inherited_error: string;
}

/** Fault is one thing to be said on top. English is what the bridge itself says. */
export interface Fault {
  kind: 'bad' | 'uncertain';
  text: string;
  english?: true;
}

/** unread is for how many seconds nobody reads an endpoint before that is not well: one that moves has no reader for a moment. */
const unread = 10;

/** faultsOf is what is not well in c, and then what is to be known besides. */
export function faultsOf(c: Cluster, now: Date): Fault[] {
  const bad: Fault[] = [];
  const known: Fault[] = [];
  const say = (text: string) => bad.push({ kind: 'bad', text });
  if (c.problem !== '') bad.push({ kind: 'bad', text: c.problem, english: true });
  if (!c.attached) say(t(c.stops ? 'cluster.isolated.stops' : 'cluster.isolated.keeps'));
  const down = c.servers.filter((v) => !v.connected).length;
  if (down > 0) say(count('cluster.down', down, { of: c.servers.length }));
  for (const m of c.members) if (m.gone) say(t('cluster.gone', { node: m.node, time: since(m.heard, now) }));
  const nobody = c.endpoints.filter((e) => e.owner === '' && secondsSince(e.since, now) >= unread).length;
  if (nobody > 0) say(count('cluster.nobody', nobody, { of: c.endpoints.length }));
  const twice = c.endpoints.filter((e) => e.also.length > 0).length;
  if (twice > 0) say(count('cluster.twice', twice, { of: c.endpoints.length }));
  const note = (text: string, english?: true) => known.push({ kind: 'uncertain', text, ...(english ? { english } : {}) });
  if (c.draining) note(t('cluster.draining', { node: c.node }));
  if (c.copy && c.copy.error !== '') note(t('cluster.copy.stuck', { text: c.copy.error }));
  if (c.inherited_error !== '') note(t('cluster.rests.unknown', { text: c.inherited_error }));
  for (const m of c.members) if (m.revision_note !== '') note(`${m.node}: ${m.revision_note}`, true);
  for (const w of c.warnings) note(w, true);
  return [...bad, ...known];
}

function secondsSince(at: string | null, now: Date): number {
  const begin = parse(at);
  return begin ? (now.getTime() - begin.getTime()) / 1000 : 0;
}

/** since is for how long something is as it is; a dash where that is not known. */
export function since(at: string | null, now: Date): string {
  return parse(at) ? howLong(secondsSince(at, now)) : '–';
}

/** memberState is what a member does, in a word. */
export function memberState(m: Member): { kind: QualityClass; word: Key } {
  if (m.gone) return { kind: 'bad', word: 'cluster.state.gone' };
  if (m.silent) return { kind: 'uncertain', word: 'cluster.state.silent' };
  if (m.draining) return { kind: 'uncertain', word: 'cluster.state.leaves' };
  if (!m.joined) return { kind: 'uncertain', word: 'cluster.state.nothing' };
  return m.unlike ? { kind: 'uncertain', word: 'cluster.state.unlike' } : { kind: 'good', word: 'cluster.state.in' };
}

/** worstFirst has what nobody reads and what two read on top; else the order stays. */
export function worstFirst(list: readonly Endpoint[]): Endpoint[] {
  const worth = (e: Endpoint) => (e.owner === '' ? 0 : e.also.length > 0 ? 1 : 2);
  return [...list].sort((a, b) => worth(a) - worth(b));
}

/** Move is how many endpoints somebody would read more; to '': nobody would read them. */
export interface Move {
  to: string;
  n: number;
}

/** movesOf is where the endpoints of node would go if it died, nobody last. */
export function movesOf(endpoints: readonly Endpoint[], node: string): Move[] {
  const to = new Map<string, number>();
  for (const e of endpoints) if (e.owner === node) to.set(e.would, (to.get(e.would) ?? 0) + 1);
  return [...to].map(([name, n]) => ({ to: name, n })).sort((a, b) => Number(a.to === '') - Number(b.to === '') || (a.to < b.to ? -1 : 1));
}

/** restState is how it stands with what a member has left. */
export function restState(r: Rest): { kind: QualityClass; word: Key } {
  if (r.by !== '') return { kind: 'uncertain', word: 'cluster.rest.by' };
  if (!r.finished) return { kind: 'uncertain', word: r.no_sink ? 'cluster.rest.nosink' : 'cluster.rest.waits' };
  if (r.missing > 0) return { kind: 'bad', word: 'cluster.rest.missing' };
  return r.waits > 0 ? { kind: 'uncertain', word: 'cluster.rest.disk' } : { kind: 'good', word: 'cluster.rest.done' };
}

/** fits reports an endpoint that has word in its address, its devices or its reader. */
export function fits(e: Endpoint, word: string): boolean {
  const w = word.toLowerCase();
  return [e.endpoint, e.owner, ...e.also, ...e.devices].some((x) => x.toLowerCase().includes(w));
}
