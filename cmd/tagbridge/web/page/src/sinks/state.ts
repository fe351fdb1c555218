// A sink as /api/v1/sinks has it, and what to say of it first.
import { grouped } from '../number.ts';
import type { QualityClass } from '../quality.ts';
import { count, t } from '../text/index.ts';
import { howLong } from '../time.ts';

export interface Loss {
  reason: string;
  samples: number;
  first: string | null;
  last: string | null;
}

export interface SinkState {
  sink: string;
  type: string;
  connected: boolean;
  since: string | null;
  delivered: number;
  present: number;
  rejected: number;
  refused: number;
  /** Samples that are kept aside now. */
  kept: number;
  /** They are being sent again. */
  resending: boolean;
  resent: number;
  set_aside: number;
  dropped: number;
  losses: Loss[];
  retries: number;
  behind_samples: number;
  behind_bytes: number;
  behind_seconds: number;
  drain_seconds: number | null;
  oldest_unacknowledged: string | null;
  sending_seconds: number;
  error: string;
}

/** lag is how far behind a sink may be that is well: what it gathers, and sends at once. */
const lag = 60;

/** kindOf is how well it is: a sink that does not take anything is bad, one that is behind or has refused something uncertain. */
export function kindOf(s: SinkState): QualityClass {
  if (!s.connected) return 'bad';
  return s.behind_seconds > lag || s.set_aside > 0 || s.error !== '' ? 'uncertain' : 'good';
}

/** wordOf is that in a word. */
export function wordOf(s: SinkState): string {
  if (!s.connected) return t('sinks.away');
  if (s.behind_seconds > lag) return t('sinks.behind');
  return t(s.set_aside > 0 || s.error !== '' ? 'sinks.refuses' : 'sinks.well');
}

/** backlog is what waits for it, and for how long it will. */
export function backlog(s: SinkState): string {
  if (s.behind_samples === 0) return t('sinks.nothing');
  const waits = count('sinks.waits', s.behind_samples, { samples: grouped(s.behind_samples), time: howLong(s.behind_seconds) });
  if (s.behind_seconds < 2) return waits;
  return `${waits}, ${s.drain_seconds === null ? t('sinks.grows') : t('sinks.drains', { time: howLong(s.drain_seconds) })}`;
}

/** lossOf is why samples were lost, in words. A reason that the page does not know is told by its name. */
export function lossOf(reason: string): string {
  switch (reason) {
    case 'size': return t('sinks.loss.size');
    case 'age': return t('sinks.loss.age');
    case 'memory': return t('sinks.loss.memory');
    case 'damage': return t('sinks.loss.damage');
    case 'unwritten': return t('sinks.loss.unwritten');
    case 'rejected_rotated': return t('sinks.loss.rejected_rotated');
    case 'rejected_unwritable': return t('sinks.loss.rejected_unwritable');
  }
  return reason;
}

/** bytes is a size for people. */
export function bytes(n: number): string {
  if (n < 1024) return `${n} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let i = -1;
  do {
    n /= 1024;
    i++;
  } while (n >= 1024 && i < units.length - 1);
  return `${n < 10 ? n.toFixed(1) : Math.round(n)} ${units[i]}`;
}
