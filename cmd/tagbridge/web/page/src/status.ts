// What the bridge says of itself: asked for once, shown in the bar and on the overview.
import { get } from './api.ts';
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
}

/** status is the last that it said; undefined before the first. */
export const status = new Cell<Status | undefined>(undefined);

/** ahead is how many milliseconds the clock of the bridge is ahead of that of the browser. */
let ahead = 0;

/** bridgeNow is what the clock of the bridge says, by which ages are reckoned: panels have clocks that are wrong. */
export function bridgeNow(): Date {
  return new Date(Date.now() + ahead);
}

/** follow asks for it every interval until the returned function is called. */
export function follow(interval: number): () => void {
  let version = '';
  const p = new Poller(
    async (signal) => {
      const begin = Date.now();
      const { data } = await get<Status>('/api/v1/status', { signal });
      ahead = skew(Date.parse(data.time), begin, Date.now());
      if (version !== '' && data.version !== version) location.reload(); // the program was replaced: this page is the old one's
      version = data.version;
      status.set(data);
    },
    () => undefined,
    interval,
  );
  p.start();
  return () => p.stop();
}

/** skew is how far the bridge's clock is ahead; what the way of the answer may explain is none. */
export function skew(said: number, begin: number, end: number): number {
  if (Number.isNaN(said)) return 0;
  const off = said - (begin + end) / 2;
  return Math.abs(off) <= Math.max(1000, end - begin) ? 0 : off;
}
