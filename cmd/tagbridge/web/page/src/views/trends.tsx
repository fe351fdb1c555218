// Trends: up to eight tags over a time, live or as it was.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Empty } from '../parts/empty.tsx';
import { classOf, signs } from '../quality.ts';
import { go, href } from '../router.ts';
import { t } from '../text/index.ts';
import { whole } from '../time.ts';
import { Chart, spanText } from '../trend/chart.tsx';
import { csvOf, download } from '../trend/csv.ts';
import { Picker } from '../trend/picker.tsx';
import { colours } from '../trend/plot.ts';
import { usePrint } from '../trend/print.ts';
import { isLive, moved, rangeOf, spans, textOf, zoomed, type Range } from '../trend/range.ts';
import { lookedAt, recent } from '../trend/recent.ts';
import type { Source } from '../trend/source.ts';
import { shownValue, valueAt, type Track } from '../trend/track.ts';
import type { ViewProps } from '../view.ts';

/** show leads to these tags over this time. */
function show(names: readonly string[], range: Range): void {
  go('trends', new URLSearchParams([...names.map((n) => ['tag', n]), ['range', textOf(range)]]), true);
}

export default function Trends({ params }: ViewProps) {
  const names = [...new Set(params.getAll('tag'))].filter((n) => /^[^/]+\/./.test(n)).slice(0, colours);
  const range = rangeOf(params.get('range'));
  const [seen, see] = useState<{ source: Source; cursor: number | null }>();
  const [, again] = useState(0);
  usePrint();
  useEffect(() => lookedAt(names), [names.join()]);
  const tell = (source: Source, cursor: number | null) => {
    see((s) => (s && s.source === source && s.cursor === cursor ? s : { source, cursor }));
    again((n) => n + 1);
  };
  const add = (name: string) => show([...names.filter((n) => n !== name), name], range);
  return (
    <div class="trends">
      <h1>{t('view.trends')}</h1>
      <div class="filters">
        <Picker add={add} disabled={names.length >= colours} />
        <Ranges names={names} range={range} source={seen?.source} />
      </div>
      {names.length === 0 ? (
        <Nothing range={range} />
      ) : (
        <Keys names={names} range={range} source={seen?.source}>
          <Chart names={names} range={range} zoom={(from, to) => show(names, { from, to })} tell={tell} />
          {seen && seen.source.names.join() === names.join() ? (
            <>
              <Legend names={names} range={range} source={seen.source} cursor={seen.cursor} />
              <Gaps source={seen.source} />
            </>
          ) : null}
        </Keys>
      )}
    </div>
  );
}

/** Nothing says how a tag is shown, and offers those that were looked at last. */
function Nothing({ range }: { range: Range }) {
  const last = recent();
  return (
    <>
      <Empty>
        {t('trends.none')} <a href={href('values')}>{t('view.values')}</a>
      </Empty>
      {last.length > 0 ? <h2>{t('trends.recent')}</h2> : null}
      <ul class="recent">
        {last.map((name) => (
          <li key={name}>
            <a title={name} href={href('trends', { tag: name, range: textOf(range) })}>{name}</a>
          </li>
        ))}
      </ul>
    </>
  );
}

interface RangesProps {
  names: readonly string[];
  range: Range;
  source: Source | undefined;
}

/** steps are what buttons and keys do with the time that is shown. */
function steps({ names, range, source }: RangesProps) {
  const { from, to } = source ?? { from: 0, to: 1 };
  return {
    earlier: () => show(names, moved(from, to, -0.5)),
    later: () => show(names, moved(from, to, 0.5)),
    closer: () => show(names, zoomed(from, to, 0.5)),
    farther: () => show(names, zoomed(from, to, 2)),
    live: () => show(names, isLive(range) ? range : { span: 600 }),
  };
}

function Ranges(props: RangesProps) {
  const { names, range, source } = props;
  const to = steps(props);
  const chosen = isLive(range) ? String(range.span) : '';
  const save = () => source && download(`trend-${new Date(source.to * 1000).toISOString().slice(0, 16).replace(/[:T]/g, '-')}.csv`, csvOf(source.tracks, source.from, source.to));
  const none = !source || names.length === 0;
  return (
    <>
      <select aria-label={t('trends.range')} value={chosen} onChange={(e) => show(names, rangeOf(e.currentTarget.value))}>
        {chosen === '' ? <option value="">{t('trends.chosen')}</option> : null}
        {spans.map((s) => (
          <option key={s.span} value={String(s.span)}>
            {t(s.text)}
          </option>
        ))}
      </select>
      <span class="choice">
        <button aria-label={t('trends.earlier')} title={t('trends.earlier')} disabled={none} onClick={to.earlier}>
          ◀
        </button>
        <button aria-label={t('trends.farther')} title={t('trends.farther')} disabled={none} onClick={to.farther}>
          −
        </button>
        <button aria-label={t('trends.closer')} title={t('trends.closer')} disabled={none} onClick={to.closer}>
          +
        </button>
        <button aria-label={t('trends.later')} title={t('trends.later')} disabled={none} onClick={to.later}>
          ▶
        </button>
        <button class="live" aria-pressed={isLive(range)} disabled={none} onClick={to.live}>
          {t('trends.live')}
        </button>
      </span>
      <button disabled={none} onClick={save}>
        {t('trends.csv')}
      </button>
      <button disabled={none} onClick={() => print()}>
        {t('trends.print')}
      </button>
    </>
  );
}

/** Keys has the keyboard move the time, while the focus is within. */
function Keys({ children, ...props }: RangesProps & { children?: preact.ComponentChildren }) {
  const box = useRef<HTMLDivElement>(null);
  const key = (e: KeyboardEvent) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target !== box.current) return;
    const to = steps(props);
    const does: Record<string, () => void> = { ArrowLeft: to.earlier, ArrowRight: to.later, '+': to.closer, '-': to.farther, l: to.live };
    const f = does[e.key];
    if (!f) return;
    e.preventDefault();
    f();
  };
  return (
    <div class="panel keys" ref={box} tabIndex={0} role="group" aria-label={t('trends.keys')} onKeyDown={key}>
      {children}
    </div>
  );
}

interface LegendProps {
  names: readonly string[];
  range: Range;
  source: Source;
  cursor: number | null;
}

/** Legend says which line is which, and what each is now, or where the pointer is. */
function Legend({ names, range, source, cursor }: LegendProps) {
  return (
    <div class="scroll">
      <table class="legend" aria-label={t('trends.legend')}>
        <thead>
          <tr>
            <th scope="col">{t('values.tag')}</th>
            <th scope="col" class="right">
              {cursor === null ? t('trends.now') : t('trends.there')}
            </th>
            <th scope="col">{t('values.unit')}</th>
            <th scope="col" class="spare">
              {t('values.quality')}
            </th>
            <th scope="col" class="noprint">
              <span class="offscreen">{t('trends.remove')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {source.tracks.map((track, i) => (
            <LegendRow key={track.name} track={track} index={i} cursor={cursor} remove={() => show(names.filter((n) => n !== track.name), range)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function LegendRow({ track, index, cursor, remove }: { track: Track; index: number; cursor: number | null; remove: () => void }) {
  const at = cursor === null ? undefined : valueAt(track, cursor);
  const quality = at ? at.quality : track.quality;
  const kind = classOf(quality);
  return (
    <tr>
      <td class="wide" title={track.name}>
        <span class={`swatch trend-${index + 1}`} aria-hidden="true" />{' '}
        <a href={href('values', { tag: track.name })}>{track.name}</a>
        {track.gone ? <span class="soft"> {t('values.gone')}</span> : null}
      </td>
      <td class="right mono">{at ? at.text : cursor === null ? shownValue(track.value, track.meaning) : '–'}</td>
      <td>{track.unit}</td>
      <td class="spare">
        {quality ? (
          <span class={`quality ${kind}`}>
            <span aria-hidden="true">{signs[kind]}</span> {quality}
          </span>
        ) : null}
      </td>
      <td class="noprint">
        <button class="plain" aria-label={`${t('trends.remove')} ${track.name}`} onClick={remove}>
          ✕
        </button>
      </td>
    </tr>
  );
}

const mostGaps = 50;

/** Gaps are told in words as well: when there was nothing, and why. */
function Gaps({ source }: { source: Source }) {
  const list = source.tracks.flatMap((track) =>
    track.spans(source.from, source.to).filter((s) => s.kind === 'gap').map((s) => ({ name: track.name, s })),
  );
  if (list.length === 0) return null;
  return (
    <details class="gaps" open={list.length <= 5}>
      <summary>{t('trends.gaps', { n: list.length })}</summary>
      <ul>
        {list.slice(0, mostGaps).map(({ name, s }) => (
          <li key={`${name} ${s.from}`} title={whole(new Date(s.from * 1000))}>
            {source.tracks.length > 1 ? `${name}: ` : ''}
            {spanText(s)}
          </li>
        ))}
        {list.length > mostGaps ? <li>{t('trends.moreGaps', { n: list.length - mostGaps })}</li> : null}
      </ul>
    </details>
  );
}
