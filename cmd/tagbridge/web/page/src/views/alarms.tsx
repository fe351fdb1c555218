import { useMemo } from 'preact/hooks';
import { AlarmTable } from '../alarms/table.tsx';
import { useEvents } from '../events/follow.ts';
import { EventTable } from '../events/table.tsx';
import type { Alarm } from '../overview/answers.ts';
import { Empty } from '../parts/empty.tsx';
import { usePoll } from '../poll.ts';
import { href, setParams } from '../router.ts';
import { count, t } from '../text/index.ts';
import type { ViewProps } from '../view.ts';

const priorities = ['1', '2', '3', '4'];

/** The alarms that are active, and below them how alarms came and went in the last day. */
export default function Alarms({ params }: ViewProps) {
  const device = params.get('device') ?? '';
  const priority = params.get('priority') ?? '';
  const asked = new URLSearchParams({ ...(device ? { device } : {}), ...(priority ? { priority } : {}) }).toString();
  const alarms = usePoll<Alarm[]>(`/api/v1/alarms${asked ? `?${asked}` : ''}`, 1000);
  const devices = usePoll<{ device: string }[]>('/api/v1/devices', 30_000);
  const names = (devices.data ?? []).map((d) => d.device);
  return (
    <>
      <h1>{t('view.alarms')}</h1>
      <div class="line filters">
        <label>
          {t('alarms.device')}{' '}
          <select aria-label={t('alarms.device')} value={device} onChange={(e) => setParams({ device: e.currentTarget.value })}>
            <option value="">{t('alarms.all')}</option>
            {(device && !names.includes(device) ? [device, ...names] : names).map((d) => <option key={d}>{d}</option>)}
          </select>
        </label>
        <label>
          {t('alarms.priority')}{' '}
          <select aria-label={t('alarms.priority')} value={priority} onChange={(e) => setParams({ priority: e.currentTarget.value })}>
            <option value="">{t('alarms.all')}</option>
            {priorities.map((p) => <option key={p}>{p}</option>)}
          </select>
        </label>
        <span class="soft" role="status">{alarms.data ? count('alarms.count', alarms.data.length) : ''}</span>
      </div>
      {alarms.error ? <p class="advice" role="alert">{t('common.error', { text: alarms.error.text })}</p> : null}
      <Active list={alarms.data} failed={alarms.error !== undefined} all={asked === ''} />
      <Changes device={device} />
    </>
  );
}

function Active({ list, failed, all }: { list: Alarm[] | undefined; failed: boolean; all: boolean }) {
  if (!list) return failed ? null : <p class="loading">{t('common.loading')}</p>;
  if (list.length > 0) return <AlarmTable label={t('view.alarms')} rows={list} dated />;
  if (!all) return <Empty>{t('alarms.nonesuch')}</Empty>;
  return (
    <Empty>
      {t('alarms.none')} <a href={href('manual', { chapter: 'alarms' })}>{t('alarms.how')}</a>
    </Empty>
  );
}

/** Changes are the events of alarms. */
function Changes({ device }: { device: string }) {
  const { list, error } = useEvents('-24h', '', device);
  const changes = useMemo(() => (list ?? []).filter((e) => e.kind === 'alarm'), [list]);
  return (
    <section>
      <h2>{t('alarms.changes')}</h2>
      {error ? <p class="advice" role="alert">{t('common.error', { text: error.text })}</p> : null}
      {changes.length > 0 ? <EventTable events={changes} /> : list ? <Empty>{t('alarms.nochanges')}</Empty> : null}
      <p><a href={href('events', { kind: 'alarm', device, since: '-168h' })}>{t('alarms.more')}</a></p>
    </section>
  );
}
