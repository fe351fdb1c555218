// What there is to know of one tag: how it is and why, its trend, its row, its registers in every type.
import { useState } from 'preact/hooks';
import { valueText, type Value } from '../number.ts';
import { QualityBadge } from '../parts/badge.tsx';
import { Empty } from '../parts/empty.tsx';
import { usePoll } from '../poll.ts';
import { classOf, meaningOf, words } from '../quality.ts';
import { href } from '../router.ts';
import { t } from '../text/index.ts';
import { bridgeNow } from '../heard.ts';
import { age, parse, stamp, whole } from '../time.ts';
import { Chart } from '../trend/chart.tsx';
import { copy } from './copy.ts';
import { Decodings, type Decoding } from './decodings.tsx';

/** TagDetail is the answer of /api/v1/tag. */
export interface TagDetail {
  device: string;
  tag: string;
  value: Value;
  quality: string;
  time: string | null;
  since: string | null;
  raw: string;
  unit: string;
  error: string;
  row: string;
  description: string;
  address: string;
  type: string;
  order: string;
  request: string;
  read: string;
  meaning: string;
  enum: { value: number; text: string }[];
  decodings: Decoding[];
}

/** Detail explains the tag DEVICE/TAG, in a drawer. */
export function Detail({ name }: { name: string }) {
  const { data, error } = usePoll<TagDetail>(`/api/v1/tag?${new URLSearchParams({ tag: name })}`);
  if (!data) return error ? <Empty>{error.status === 404 ? t('values.gone') : error.text}</Empty> : <p class="loading">{t('common.loading')}</p>;
  return (
    <div class="detail">
      {error?.status === 404 ? <p class="because bad">{t('values.gone')}</p> : null}
      <p class="present">
        <strong>{data.value === null ? '–' : valueText(data.value)}</strong> {data.unit ? <span>{data.unit}</span> : null}{' '}
        {data.meaning ? <span class="soft">{data.meaning}</span> : null} <QualityBadge quality={data.quality} />
      </p>
      <Because tag={data} />
      <Chart names={[name]} range={{ span: 600 }} compact />
      <p class="actions">
        <a href={href('trends', { tag: name })}>{t('values.inTrends')}</a>
        <a href={href('events', { device: data.device })}>{t('values.itsEvents')}</a>
      </p>
      <Facts tag={data} />
      {data.decodings.length > 0 ? <Decodings list={data.decodings} unit={data.unit} raw={data.raw} /> : null}
    </div>
  );
}

/** Because says since when the tag is what it is, and why. */
function Because({ tag }: { tag: TagDetail }) {
  const kind = classOf(tag.quality);
  const since = parse(tag.since);
  if (!since) return <p class="because soft">{t('values.never')}</p>;
  const time = stamp(since);
  if (kind === 'good') return <p class="because soft">{t('values.goodSince', { time, age: age(since, bridgeNow()) })}</p>;
  return (
    <p class={`because ${kind}`} title={whole(since)}>
      {t('values.notGoodSince', { quality: t(words[kind]), time, age: age(since, bridgeNow()) })}
      {meaningOf(tag.quality) ? ` ${t('values.because', { why: meaningOf(tag.quality) })}` : ''}
      {tag.error ? <span lang="en"> ({tag.error})</span> : null}
    </p>
  );
}

function Facts({ tag }: { tag: TagDetail }) {
  const at = parse(tag.time);
  const colon = tag.row.lastIndexOf(':');
  const [file, row] = [tag.row.slice(0, colon), tag.row.slice(colon + 1)];
  return (
    <dl class="facts">
      {tag.description ? <Fact name={t('values.description')}>{tag.description}</Fact> : null}
      <Fact name={t('values.device')}>{tag.device}</Fact>
      <Fact name={t('values.readAt')}>{at ? whole(at) : t('values.never')}</Fact>
      {tag.address ? (
        <Fact name={t('values.address')}>
          <code>{[tag.address, tag.type, tag.order === 'ABCD' ? '' : tag.order].filter(Boolean).join(', ')}</code>
        </Fact>
      ) : null}
      {tag.request ? <Fact name={t('values.request')}>{tag.request}</Fact> : null}
      {tag.row ? (
        <Fact name={t('values.row')}>
          <a href={href('maps', { file, row })} title={tag.row}>
            {t('values.rowOf', { row, file: file.slice(file.lastIndexOf('/') + 1) })}
          </a>
        </Fact>
      ) : null}
      {tag.raw ? (
        <Fact name={t('values.raw')}>
          <code>{tag.raw.replace(/(....)(?=.)/g, '$1 ')}</code>
        </Fact>
      ) : null}
      {tag.read ? (
        <Fact name={t('values.command')}>
          <Command text={tag.read} />
        </Fact>
      ) : null}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children?: preact.ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** Command is a line for the terminal, with a button that copies it. */
function Command({ text }: { text: string }) {
  const [done, say] = useState(false);
  const take = async () => {
    say(await copy(text));
    setTimeout(() => say(false), 2000);
  };
  return (
    <span class="command">
      <code>{text}</code> <button onClick={() => void take()}>{t(done ? 'values.copied' : 'values.copy')}</button>
    </span>
  );
}
