import { useMemo } from 'preact/hooks';
import { kinds, most } from '../events/event.ts';
import { useEvents } from '../events/follow.ts';
import { EventTable } from '../events/table.tsx';
import { Empty } from '../parts/empty.tsx';
import { usePoll } from '../poll.ts';
import { setParams } from '../router.ts';
import { count, t } from '../text/index.ts';
import type { ViewProps } from '../view.ts';

/** spans are the times that one may choose, as the API takes them. */
const spans = ['-1h', '-6h', '-24h', '-168h'] as const;
const names = { '-1h': 'events.hour', '-6h': 'events.hours', '-24h': 'events.day', '-168h': 'events.week' } as const;

export default function Events({ params }: ViewProps) {
  const since = params.get('since') ?? '-24h';
  const until = params.get('until') ?? '';
  const device = params.get('device') ?? '';
  const kind = params.get('kind') ?? '';
  const devices = usePoll<{ device: string }[]>('/api/v1/devices', 30_000);
  const { list, error } = useEvents(since, until, device);
  const shown = useMemo(() => (list ?? []).filter((e) => !kind || e.kind === kind), [list, kind]);
  return (
    <>
      <h1>{t('view.events')}</h1>
      <div class="line filters">
        <Times since={since} until={until} />
        <label>
          {t('events.device')}{' '}
          <select aria-label={t('events.device')} value={device} onChange={(e) => setParams({ device: e.currentTarget.value })}>
            <option value="">{t('events.all')}</option>
            {(devices.data ?? (device ? [{ device }] : [])).map((d) => <option key={d.device}>{d.device}</option>)}
          </select>
        </label>
        <label>
          {t('events.kind')}{' '}
          <select aria-label={t('events.kind')} value={kind} onChange={(e) => setParams({ kind: e.currentTarget.value })}>
            <option value="">{t('events.all')}</option>
            {Object.entries(kinds).map(([k, v]) => <option key={k} value={k}>{t(v.text)}</option>)}
          </select>
        </label>
        <span class="soft" role="status">{list ? count('events.count', shown.length) : ''}</span>
      </div>
      {error ? <p class="advice" role="alert">{t('common.error', { text: error.text })}</p> : null}
      {list === undefined ? (error ? null : <p class="loading">{t('common.loading')}</p>) : shown.length === 0 ? <Empty>{t('events.none')}</Empty> : <EventTable events={shown} />}
      {list && list.length >= most ? <p class="soft">{t('events.most', { n: most })}</p> : null}
    </>
  );
}

/** Times are a choice of the last hours, or from and until in the zone of the browser. */
function Times({ since, until }: { since: string; until: string }) {
  const usual = spans.find((s) => s === since && !until);
  const choose = (to: string) => (to === 'own' ? setParams({ since: new Date(Date.now() - 86_400_000).toISOString(), until: undefined }) : setParams({ since: to === '-24h' ? undefined : to, until: undefined }));
  return (
    <>
      <label>
        {t('events.time')}{' '}
        <select aria-label={t('events.time')} value={usual ?? 'own'} onChange={(e) => choose(e.currentTarget.value)}>
          {spans.map((s) => <option key={s} value={s}>{t(names[s])}</option>)}
          <option value="own">{t('events.own')}</option>
        </select>
      </label>
      {usual ? null : (
        <>
          <Moment name={t('events.from')} value={since} set={(v) => setParams({ since: v })} />
          <Moment name={t('events.until')} value={until} set={(v) => setParams({ until: v })} />
        </>
      )}
    </>
  );
}

/** Moment is a time of the browser's clock; what is written is UTC. */
function Moment({ name, value, set }: { name: string; value: string; set: (to: string | undefined) => void }) {
  const changed = (text: string) => {
    const at = new Date(text);
    set(text === '' || Number.isNaN(at.getTime()) ? undefined : at.toISOString());
  };
  return <label>{name} <input type="datetime-local" aria-label={name} value={local(value)} onChange={(e) => changed(e.currentTarget.value)} /></label>;
}

/** local is a time as an input of the browser takes it. */
function local(text: string): string {
  const at = new Date(text);
  if (text === '' || Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
