// All about one sink: what waits, what was lost and why, what it refused and why, and sending that again.
import { useState } from 'preact/hooks';
import { ApiError, get, post } from '../api.ts';
import { Badge } from '../parts/badge.tsx';
import { Drawer } from '../parts/drawer.tsx';
import { Table, type Column } from '../parts/table.tsx';
import { toast } from '../parts/toast.tsx';
import { grouped, valueText, type Value } from '../number.ts';
import { usePoll } from '../poll.ts';
import { QualityBadge } from '../parts/badge.tsx';
import { href } from '../router.ts';
import { count, t } from '../text/index.ts';
import { howLong, parse, stamp } from '../time.ts';
import { backlog, bytes, kindOf, lossOf, wordOf, type Loss, type SinkState } from './state.ts';

interface Refused {
  time: string;
  device: string;
  tag: string;
  value: Value;
  quality: string;
  unit: string;
  reason: string;
}

const at = (text: string | null) => {
  const d = parse(text);
  return d ? stamp(d) : t('sinks.unknowable');
};

export function SinkDrawer({ sink: s, close }: { sink: SinkState; close: () => void }) {
  const sending = parse(s.oldest_unacknowledged);
  return (
    <Drawer title={s.sink} close={close}>
      <p class="line"><Badge kind={kindOf(s)} text={wordOf(s)} /> <span class="soft">{s.type}</span></p>
      {s.error ? <p class="advice" lang="en">{s.error}</p> : null}
      <dl class="facts">
        <dt>{t('sinks.backlog')}</dt>
        <dd>{backlog(s)}{s.behind_samples > 0 ? ` (${bytes(s.behind_bytes)})` : ''}</dd>
        {s.sending_seconds >= 2 && sending ? <><dt>{t('sinks.sending')}</dt><dd>{t('sinks.sending.for', { time: howLong(s.sending_seconds), read: stamp(sending) })}</dd></> : null}
        <dt>{t('sinks.there')}</dt><dd>{s.since ? at(s.since) : t('sinks.notyet')}</dd>
        <dt>{t('sinks.delivered')}</dt><dd>{grouped(s.delivered)}</dd>
        <dt>{t('sinks.refused')}</dt><dd>{grouped(s.refused)}</dd>
        <dt>{t('sinks.resent')}</dt><dd>{grouped(s.resent)}</dd>
        <dt>{t('sinks.lost')}</dt><dd class={s.dropped > 0 ? 'lost' : ''}>{grouped(s.dropped)}</dd>
        <dt>{t('sinks.retries')}</dt><dd>{grouped(s.retries)}</dd>
      </dl>
      {s.set_aside > 0 ? <p class="advice">{count('sinks.aside', s.set_aside)}</p> : null}
      <Missing sink={s.sink} />
      <Losses losses={s.losses} />
      <Rejected sink={s} />
    </Drawer>
  );
}

/** Missing asks for the verdict when somebody wants it: the whole journal is read for it. */
function Missing({ sink }: { sink: string }) {
  const [said, say] = useState('');
  const [busy, setBusy] = useState(false);
  const ask = async () => {
    setBusy(true);
    try {
      say((await get<{ verdict: string }>(`/api/v1/gaps?sink=${encodeURIComponent(sink)}`, { timeout: 120_000 })).data.verdict);
    } catch (err) {
      say(t('common.error', { text: err instanceof ApiError ? err.text : String(err) }));
    }
    setBusy(false);
  };
  return (
    <p>
      <button onClick={ask} disabled={busy}>{t(busy ? 'common.loading' : 'sinks.missing')}</button>
      <span class="said" role="status" lang="en"> {said}</span>
    </p>
  );
}

function Losses({ losses }: { losses: readonly Loss[] }) {
  if (losses.length === 0) return null;
  return (
    <>
      <h2>{t('sinks.losses')}</h2>
      <ul class="reasons">
        {losses.map((l) => (
          <li key={l.reason}>
            {count('sinks.loss', l.samples, { samples: grouped(l.samples), why: lossOf(l.reason) })}
            {l.first && l.last ? `; ${t('sinks.between', { first: at(l.first), last: at(l.last) })}` : ''}
          </li>
        ))}
      </ul>
    </>
  );
}

const refusedColumns = (): Column<Refused>[] => [
  { head: t('sinks.read'), cell: (r) => at(r.time) },
  { head: t('sinks.tag'), cell: (r) => <a title={`${r.device}/${r.tag}`} href={href('values', { tag: `${r.device}/${r.tag}` })}>{`${r.device}/${r.tag}`}</a> },
  { head: t('sinks.value'), right: true, cell: (r) => (r.value === null ? <QualityBadge quality={r.quality} /> : `${valueText(r.value)} ${r.unit ?? ''}`) },
  { head: t('sinks.why'), wide: true, cell: (r) => <span class="wrapped" lang="en">{r.reason}</span> },
];

function Rejected({ sink }: { sink: SinkState }) {
  const list = usePoll<Refused[]>(sink.kept > 0 ? `/api/v1/rejected?sink=${encodeURIComponent(sink.sink)}` : '', 10_000);
  if (sink.kept === 0) return null;
  const rows = list.data ?? [];
  const reasons = new Map<string, number>();
  for (const r of rows) reasons.set(r.reason, (reasons.get(r.reason) ?? 0) + 1);
  return (
    <>
      <h2>{count('sinks.kept', sink.kept, { samples: grouped(sink.kept) })}</h2>
      <Resend sink={sink} />
      {list.error ? <p class="advice">{t('common.error', { text: list.error.text })}</p> : null}
      {rows.length < sink.kept && list.data ? <p class="soft">{t('sinks.newest', { n: rows.length })}</p> : null}
      <ul class="reasons">{[...reasons].map(([why, n]) => <li key={why}>{t('sinks.times', { n })} <span lang="en">{why}</span></li>)}</ul>
      <Table label={t('sinks.rejected')} columns={refusedColumns()} rows={rows.map((r, i) => ({ ...r, i }))} id={(r) => String((r as Refused & { i: number }).i)} />
    </>
  );
}

interface Resent {
  samples: number;
  kept: number;
  done: boolean;
}

const wait = 20; // seconds in which most sinks have taken them

function Resend({ sink: s }: { sink: SinkState }) {
  const session = usePoll<{ edit: boolean; why: string }>('/api/v1/session', 60_000);
  const [asked, setAsked] = useState(false);
  if (!session.data) return null;
  if (!session.data.edit) return <p class="soft">{t('sinks.mayNot', { why: session.data.why })}</p>;
  const resend = async () => {
    setAsked(true);
    try {
      const { data } = await post<Resent>('/api/v1/resend', { sink: s.sink, wait }, { timeout: 60_000 });
      if (!data.done) toast(t('sinks.asked', { sink: s.sink }));
      else if (data.kept === 0) toast(t('sinks.resent.all', { sink: s.sink }));
      else toast(count('sinks.resent.some', data.kept, { samples: grouped(data.kept), sink: s.sink }), 'bad');
    } catch (err) {
      toast(t('common.error', { text: err instanceof ApiError ? err.text : String(err) }), 'bad');
    }
    setAsked(false);
  };
  return (
    <p>
      <button onClick={() => void resend()} disabled={asked || s.resending}>
        {t('sinks.resend')}
      </button>{' '}
      <span class="soft">{t(asked || s.resending ? 'sinks.resending' : 'sinks.resend.means')}</span>
    </p>
  );
}
