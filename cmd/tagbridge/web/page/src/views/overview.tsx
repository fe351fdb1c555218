// Overview: what is wrong first, then devices, connections, sinks and what happened last.
import { useEffect, useRef } from 'preact/hooks';
import { Fault } from '../parts/fault.tsx';
import { usePoll } from '../poll.ts';
import { status } from '../status.ts';
import { useCell } from '../store.ts';
import { t } from '../text/index.ts';
import type { Event } from '../events/event.ts';
import type { Device, Line, Problem, Sink } from '../overview/answers.ts';
import { Latest } from '../overview/latest.tsx';
import { Devices, Lines, Sinks } from '../overview/tables.tsx';
import { Disk, Verdict } from '../overview/verdict.tsx';

// The verdict comes every second. The rest is asked for more seldom, and at once when the verdict has become another: 20 pages
// that are open all day are not to cost the bridge what it needs for reading.
const seldom = 5000;

/** useAnew calls f when key has become another. */
function useAnew(key: string | undefined, f: () => void): void {
  const last = useRef(key);
  useEffect(() => {
    if (last.current !== undefined && last.current !== key) f();
    last.current = key;
  }, [key]);
}

export default function Overview() {
  const said = useCell(status);
  const devices = usePoll<Device[]>('/api/v1/devices', seldom);
  const lines = usePoll<Line[]>('/api/v1/lines', seldom);
  const sinks = usePoll<Sink[]>('/api/v1/sinks', seldom);
  const disk = usePoll<{ problems: Problem[] }>('/api/v1/problems', seldom);
  const events = usePoll<Event[]>('/api/v1/events?last=10', 2 * seldom);
  const lists = [devices, lines, sinks, events];
  useAnew(said?.verdict, () => lists.forEach((p) => p.now()));
  return (
    <>
      <h1>{t('view.overview')}</h1>
      {said ? <Verdict status={said} /> : <p class="loading">{t('common.loading')}</p>}
      {[...lists, disk].map((p, at) => (
        <Fault key={at} error={p.error?.status === 501 ? undefined : p.error} />
      ))}
      <Disk problems={disk.data?.problems ?? []} />
      <Devices rows={devices.data} />
      <Lines rows={lines.data} />
      <Sinks rows={sinks.data} />
      <Latest events={events.data} />
    </>
  );
}
