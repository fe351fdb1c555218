// Values: every tag as it is now. A row opens and explains itself.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Drawer } from '../parts/drawer.tsx';
import { Empty } from '../parts/empty.tsx';
import { Grid, type GridColumn } from '../parts/grid.tsx';
import { valueText } from '../number.ts';
import { usePoll } from '../poll.ts';
import { classOf, meaningOf, signs, words, type QualityClass } from '../quality.ts';
import { setParams } from '../router.ts';
import { t, type Key } from '../text/index.ts';
import { ageOf } from '../values/age.ts';
import { lookedAt } from '../trend/recent.ts';
import { Detail } from '../values/detail.tsx';
import { useRows } from '../values/live.ts';
import type { Filter, Row, Rows } from '../values/rows.ts';
import type { ViewProps } from '../view.ts';
import { grouped } from '../number.ts';

export default function Values({ params }: ViewProps) {
  const filter: Filter = { device: params.get('device') ?? '', match: params.get('match') ?? '', quality: params.get('quality') ?? '', order: params.get('order') === 'name' ? 'name' : 'worst' };
  const { rows, error, seen } = useRows(filter);
  const tag = params.get('tag') ?? '';
  useEffect(() => lookedAt([tag]), [tag]);
  const open = (at: number) => {
    const row = rows.known.get(at);
    if (row) setParams({ tag: `${row.info.device}/${row.info.tag}` });
  };
  const opened = tag === '' ? undefined : [...rows.known].find(([, r]) => `${r.info.device}/${r.info.tag}` === tag)?.[0];
  return (
    <div class="values">
      <h1>{t('view.values')}</h1>
      <FilterBar filter={filter} rows={rows} />
      {error && error.status === 400 ? (
        <p class="empty" role="alert">
          {t('common.error', { text: error.text })}
        </p>
      ) : rows.answers > 0 && rows.counts.matching === 0 ? (
        <Empty>{t(rows.counts.all === 0 ? 'values.noTags' : 'values.noMatch')}</Empty>
      ) : (
        <Grid
          label={t('view.values')}
          columns={columns()}
          total={rows.counts.matching}
          cells={(at) => cellsOf(rows.known.get(at), rows)}
          of={(at) => [rows.known.get(at), rows.answers, error]}
          rowClass={(at) => kindOf(rows.known.get(at))}
          seen={seen}
          open={open}
          opened={opened}
        />
      )}
      {tag === '' ? null : (
        <Drawer key={tag} title={tag} close={() => setParams({ tag: undefined })}>
          <Detail name={tag} />
        </Drawer>
      )}
    </div>
  );
}

function columns(): GridColumn[] {
  return (['tag', 'device', 'value', 'unit', 'quality', 'age', 'raw', 'why'] as const).map((id) => ({ id, head: t(`values.${id}`) }));
}

function kindOf(row: Row | undefined): string {
  return row?.now ? classOf(row.now[1]) : '';
}

/** cellsOf is what a row shows. Names and texts are a device's: they are text, and cut by the styles. */
function cellsOf(row: Row | undefined, rows: Rows) {
  if (!row) return undefined;
  const { info, now } = row;
  const kind = now ? classOf(now[1]) : 'bad';
  const shown = now ? valueText(now[0]) : '';
  const why = now?.[5] ?? '';
  return [
    <span title={info.description ? `${info.tag}\n${info.description}` : info.tag}>{info.tag}</span>,
    <span title={info.device}>{info.device}</span>,
    now?.[6] ? (
      <span title={`${shown} ${now[6]}`}>
        {shown} <span class="soft">{now[6]}</span>
      </span>
    ) : (
      <span title={shown}>{shown}</span>
    ),
    <span title={info.unit}>{info.unit}</span>,
    <Quality kind={kind} name={now?.[1] ?? ''} />,
    now ? ageOf(now[2], rows) : '',
    <span title={now?.[4]}>{spaced(now?.[4] ?? '')}</span>,
    <span title={why} lang="en">{why}</span>,
  ];
}

function Quality({ kind, name }: { kind: QualityClass; name: string }) {
  return (
    <span class={`quality ${kind}`} title={[name, meaningOf(name)].filter((x) => x).join(': ')}>
      <span aria-hidden="true">{signs[kind]}</span> <span class="word">{name === 'Good' || name === '' ? t(words[kind]) : name}</span>
    </span>
  );
}

/** spaced is registers in hexadecimal, four digits each. */
function spaced(raw: string): string {
  return raw.replace(/(....)(?=.)/g, '$1 ');
}

interface Device {
  device: string;
}

const qualities = ['', 'good', 'uncertain', 'bad', 'not-good'] as const;
const qualityTexts: Record<(typeof qualities)[number], Key> = {
  '': 'values.all', good: 'quality.good', uncertain: 'quality.uncertain', bad: 'quality.bad', 'not-good': 'values.notGood',
};

function FilterBar({ filter, rows }: { filter: Filter; rows: Rows }) {
  const devices = usePoll<Device[]>('/api/v1/devices', 60_000).data ?? [];
  const { all, matching, good, uncertain, bad } = rows.counts;
  const numbers: Record<(typeof qualities)[number], number> = { '': good + uncertain + bad, good, uncertain, bad, 'not-good': uncertain + bad };
  return (
    <form class="filters" role="search" aria-label={t('values.filter')} onSubmit={(e) => e.preventDefault()}>
      <select aria-label={t('values.device')} value={filter.device} onChange={(e) => setParams({ device: e.currentTarget.value, tag: undefined })}>
        <option value="">{t('values.allDevices')}</option>
        {filter.device && !devices.some((d) => d.device === filter.device) ? <option value={filter.device}>{filter.device}</option> : null}
        {devices.map((d) => (
          <option key={d.device} value={d.device}>
            {d.device}
          </option>
        ))}
      </select>
      <Pattern value={filter.match} />
      <fieldset class="choice" aria-label={t('values.quality')}>
        {qualities.map((q) => (
          <button key={q} type="button" class={q} aria-pressed={filter.quality === q} onClick={() => setParams({ quality: q })}>
            {q === 'good' || q === 'uncertain' || q === 'bad' ? <span aria-hidden="true">{signs[q]} </span> : null}
            {t(qualityTexts[q])} <span class="number">{rows.answers ? grouped(numbers[q]) : ''}</span>
          </button>
        ))}
      </fieldset>
      <label class="order">
        <input type="checkbox" checked={filter.order === 'worst'} onChange={(e) => setParams({ order: e.currentTarget.checked ? undefined : 'name' })} /> {t('values.worst')}
      </label>
      <output class="soft">{rows.answers ? t('values.count', { n: grouped(matching), all: grouped(all) }) : ''}</output>
    </form>
  );
}

const typing = 300; // milliseconds of quiet before it is asked

function Pattern({ value }: { value: string }) {
  const [text, type] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const sent = useRef(value);
  useEffect(() => {
    if (value !== sent.current) type(value); // by the address
    sent.current = value;
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const changed = (to: string) => {
    type(to);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      sent.current = to.trim();
      setParams({ match: sent.current });
    }, typing);
  };
  return (
    <input
      type="search"
      value={text}
      placeholder={t('values.match')}
      aria-label={t('values.match')}
      title={t('values.matchHelp')}
      autocomplete="off"
      spellcheck={false}
      maxLength={500}
      onInput={(e) => changed(e.currentTarget.value)}
    />
  );
}
