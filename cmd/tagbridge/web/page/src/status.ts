// What the bridge says of itself: shown in the bar and on the overview.
import { get } from './api.ts';
import { connection } from './connection.ts';
import { onVerdict, sinceHeard, verdictThatHolds } from './heard.ts';
import { Poller } from './poll.ts';
import { Cell } from './store.ts';

/** Remark is a thing that the bridge has to say; see health.Remark. */
export interface Remark {
  code: string;
  name: string;
  text: string;
  values: Record<string, string | number>;
}

export interface Status {
  bridge: string;
  version: string;
  time: string;
  /** What it is called in its cluster; '': it is in none. */
  node: string;
  well: boolean;
  verdict: string;
  parts: Remark[];
  problems: Remark[];
  notes: Remark[];
  devices: number;
  devices_offline: number;
  tags: number;
  bad_tags: number;
  sinks: number;
  alarms: number;
  alarms_urgent: number;
}

/** status is the last that it said; undefined before the first. */
export const status = new Cell<Status | undefined>(undefined);

/** known is the verdict that status is of, as answers name it. */
let known = '';

/** learn takes over what the bridge has said of itself. */
export function learn(said: Status, verdict: string | null): void {
  const before = status.get();
  if (before && said.version !== before.version) location.reload(); // the program was replaced: this page is the old one's
  known = verdict ?? '';
  status.set(said);
}

/** quiet is after how many milliseconds without any answer it is asked for, so that the bar is right where nothing else is asked. */
const quiet = 1250;

/** follow asks for it when an answer to another question says that it has become another, until the returned function is called. */
export function follow(): () => void {
  const p = new Poller(
    async (signal) => {
      if (verdictThatHolds() === known && sinceHeard() < quiet && connection().reachable) return;
      const { data, verdict } = await get<Status>('/api/v1/status', { signal });
      learn(data, verdict);
    },
    () => undefined,
    1000,
  );
  p.start();
  const forget = onVerdict(() => verdictThatHolds() !== known && p.now());
  return () => {
    forget();
    p.stop();
  };
}
