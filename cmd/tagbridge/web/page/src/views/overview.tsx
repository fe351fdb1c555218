// Overview: what is wrong first, then devices, connections, sinks and what happened last.
import type { Answer } from '../api.ts';
import { Fault } from '../parts/fault.tsx';
import { usePoll } from '../poll.ts';
import { learn, status } from '../status.ts';
import { useCell } from '../store.ts';
import { t } from '../text/index.ts';
import type { Overview as Shown } from '../overview/answers.ts';
import { Alarms } from '../overview/alarms.tsx';
import { Latest } from '../overview/latest.tsx';
import { Devices, Lines, Sinks } from '../overview/tables.tsx';
import { Disk, Verdict } from '../overview/verdict.tsx';

const took = (a: Answer<Shown>) => learn(a.data.status, a.verdict);

export default function Overview() {
  const said = useCell(status);
  const { data, error } = usePoll<Shown>('/api/v1/overview', 1000, took);
  return (
    <>
      <h1>{t('view.overview')}</h1>
      {said ? <Verdict status={said} /> : <p class="loading">{t('common.loading')}</p>}
      <Fault error={error} />
      <Alarms rows={data?.alarms ?? []} all={said?.alarms ?? 0} />
      <Disk problems={data?.problems ?? []} />
      <Devices rows={data?.devices} />
      <Lines rows={data?.lines} />
      <Sinks rows={data?.sinks} />
      <Latest events={data?.events} />
    </>
  );
}
