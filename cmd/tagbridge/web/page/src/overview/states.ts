// How a device, connection or sink is, by the same rules as the bridge's own verdict.
import type { QualityClass } from '../quality.ts';
import type { Key } from '../text/index.ts';
import type { Alarm, Device, Line, Sink } from './answers.ts';

export interface State {
  kind: QualityClass;
  word: Key;
}

const farBehind = 60; // seconds; as in the verdict

export function deviceState(d: Device): State {
  if (d.elsewhere) return { kind: 'away', word: 'overview.elsewhere' };
  if (!d.online) return d.since === null && d.error === '' ? { kind: 'uncertain', word: 'overview.connecting' } : { kind: 'bad', word: 'overview.offline' };
  return { kind: d.bad_tags > 0 ? 'uncertain' : 'good', word: 'overview.online' };
}

export function lineState(l: Line): State {
  if (l.overdue_seconds > 0) return { kind: 'bad', word: 'overview.stuck' };
  if (l.elsewhere) return { kind: 'away', word: 'overview.elsewhere' };
  if (l.slow_down.length > 0) return { kind: 'uncertain', word: 'overview.crowded' };
  return l.connected ? { kind: 'good', word: 'overview.connected' } : { kind: 'bad', word: 'overview.down' };
}

export function sinkState(k: Sink): State {
  if (!k.connected) return k.error === '' ? { kind: 'uncertain', word: 'overview.connecting' } : { kind: 'bad', word: 'overview.nothing' };
  if (k.behind_seconds > farBehind) return { kind: 'uncertain', word: 'overview.behind' };
  if (k.set_aside > 0) return { kind: 'uncertain', word: 'overview.refuses' };
  return { kind: 'good', word: 'overview.takes' };
}

/** alarmState is how bad an alarm is: beyond the outer limits, or of the greatest urgency, it is bad. */
export function alarmState(a: Pick<Alarm, 'level' | 'priority'>): QualityClass {
  return a.priority === 1 || a.level === 'hihi' || a.level === 'lolo' ? 'bad' : 'uncertain';
}

const order: Record<QualityClass, number> = { bad: 0, uncertain: 1, good: 2, away: 3 };

/** worstFirst puts what is wrong on top and leaves the order of the configuration within. */
export function worstFirst<T>(list: readonly T[], state: (x: T) => State): T[] {
  return list
    .map((x, at) => ({ x, at, rank: order[state(x).kind] }))
    .sort((a, b) => a.rank - b.rank || a.at - b.at)
    .map((e) => e.x);
}

/** few is how many rows are shown though all is well with them. */
export const few = 20;

/** wrongOf are those that are not well when there are many; all when there are few. */
export function wrongOf<T>(sorted: readonly T[], state: (x: T) => State): readonly T[] {
  if (sorted.length <= few) return sorted;
  const wrong = sorted.filter((x) => state(x).kind === 'bad' || state(x).kind === 'uncertain');
  return wrong.length >= few ? wrong : sorted.slice(0, few);
}
