// How far the copy is of what this member has read.
import { bridgeNow } from '../heard.ts';
import { grouped } from '../number.ts';
import { Badge } from '../parts/badge.tsx';
import { bytes } from '../sinks/state.ts';
import { count, t } from '../text/index.ts';
import { howLong } from '../time.ts';
import { since, type Copy as CopyState } from './state.ts';

/** late is for how many seconds samples may wait for their copy where all is well. */
const late = 5;

export function Copy({ copy: c }: { copy: CopyState | null }) {
  if (!c) return <p class="soft">{t('cluster.copy.none')}</p>;
  const behind = c.error !== '' || c.behind_seconds > late;
  const missed = Object.entries(c.missed ?? {});
  return (
    <section class="panel" aria-label={t('cluster.copy')}>
      <p class="line">
        <Badge kind={c.error !== '' ? 'bad' : behind ? 'uncertain' : 'good'} text={t(c.error !== '' ? 'cluster.copy.stands' : behind ? 'cluster.copy.behind' : 'cluster.copy.well')} />
        <span class="soft">{t('cluster.copy.for', { time: since(c.since, bridgeNow()) })}</span>
      </p>
      {c.error !== '' ? <p class="advice" lang="en">{c.error}</p> : null}
      {c.cursors_error !== '' && c.cursors_error !== c.error ? <p class="advice">{t('cluster.copy.cursors')} <span lang="en">{c.cursors_error}</span></p> : null}
      <dl class="facts">
        <dt>{t('cluster.copy.waits')}</dt>
        <dd>{c.behind_samples > 0 ? count('sinks.waits', c.behind_samples, { samples: grouped(c.behind_samples), time: howLong(c.behind_seconds) }) : t('sinks.nothing')}</dd>
        <dt>{t('cluster.copy.copied')}</dt><dd>{count('cluster.samples', c.copied, { samples: grouped(c.copied), bytes: bytes(c.bytes) })}</dd>
        <dt>{t('cluster.copy.stream')}</dt><dd class="mono">{c.stream}</dd>
      </dl>
      {missed.length > 0 ? (
        <>
          <p class="lost">{t('cluster.copy.missed')}</p>
          <ul class="reasons">{missed.map(([why, n]) => <li key={why}>{grouped(n)}: <span lang="en">{why}</span></li>)}</ul>
        </>
      ) : null}
    </section>
  );
}
