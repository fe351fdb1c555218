// Overview: what is wrong first, then devices, connections, sinks and what happened last.
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

// The verdict comes every second; the rest may be some moments older, the more so the more there is of it.
const often = 2000;
const seldom = 5000;
const large = 100;

export default function Overview() {
  const said = useCell(status);
  const every = (said?.devices ?? 0) > large ? seldom : often;
  const devices = usePoll<Device[]>('/api/v1/devices', every);
  const lines = usePoll<Line[]>('/api/v1/lines', every);
  const sinks = usePoll<Sink[]>('/api/v1/sinks', often);
  const disk = usePoll<{ problems: Problem[] }>('/api/v1/problems', seldom);
  const events = usePoll<Event[]>('/api/v1/events?last=10', often);
  return (
    <>
      <h1>{t('view.overview')}</h1>
      {said ? <Verdict status={said} /> : <p class="loading">{t('common.loading')}</p>}
      {[devices, lines, sinks, disk, events].map((p, at) => (
        <Fault key={at} error={p.error} />
      ))}
      <Disk problems={disk.data?.problems ?? []} />
      <Devices rows={devices.data} />
      <Lines rows={lines.data} />
      <Sinks rows={sinks.data} />
      <Latest events={events.data} />
    </>
  );
}
