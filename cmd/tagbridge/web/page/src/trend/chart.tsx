// Trends of some tags with the quality of each below, and its present value.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type uPlot from 'uplot';
import { signs, words } from '../quality.ts';
import { useCell } from '../store.ts';
import { t } from '../text/index.ts';
import { shown as themeShown } from '../theme.ts';
import { stamp, whole } from '../time.ts';
import { dataOf, isDrawn, makePlot, shapeOf, type Area } from './plot.ts';
import type { Range } from './range.ts';
import { useSource, type Source } from './source.ts';
import type { Span, Track } from './track.ts';

export interface ChartProps {
  names: readonly string[];
  range: Range;
  /** Small, without a legend: in the drawer of one tag. */
  compact?: boolean;
  zoom?: (from: number, to: number) => void;
  /** What is shown, for what is beside it. */
  tell?: (source: Source, cursor: number | null) => void;
}

export function Chart({ names, range, compact, zoom, tell }: ChartProps) {
  const { source, version } = useSource(names, range);
  const [area, place] = useState<Area>({ left: 50, width: 300 });
  const [cursor, point] = useState<number | null>(null);
  useEffect(() => tell?.(source, cursor), [source, version, cursor]);
  const text = source.tracks.length > 0 && source.tracks.every((x) => !isDrawn(x));
  return (
    <div class={compact ? 'chart compact' : 'chart'}>
      {text ? (
        <p class="empty">{t('trends.textOnly')}</p>
      ) : !source.loading && source.tracks.every((x) => x.blank) ? (
        <p class="empty">{t('trends.blank')}</p>
      ) : (
        <Drawing source={source} version={version} height={compact ? 190 : 420} area={place} cursor={point} zoom={zoom} />
      )}
      {source.tracks.map((track, i) => (
        <Band key={track.name} track={track} index={i} source={source} area={area} named={!compact} />
      ))}
      <p class="chart-note soft">
        {cursor === null ? `${stamp(new Date(source.from * 1000))} – ${stamp(new Date(source.to * 1000))}` : whole(new Date(cursor * 1000))}
        {source.loading ? ` · ${t('common.loading')}` : ''}
        {source.failure ? ` · ${t('trends.noHistory', { why: source.failure })}` : ''}
      </p>
    </div>
  );
}

interface DrawingProps {
  source: Source;
  version: number;
  height: number;
  area: (a: Area) => void;
  cursor: (time: number | null) => void;
  zoom: ((from: number, to: number) => void) | undefined;
}

/** Drawing has uPlot draw into it, anew when what it is of, its size or the colours change. */
function Drawing({ source, version, height, area, cursor, zoom }: DrawingProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const [width, fit] = useState(0);
  const colours = `${useCell(themeShown)} ${useDark()}`;
  const zoomNow = useRef(zoom);
  zoomNow.current = zoom;
  useLayoutEffect(() => {
    const b = box.current;
    if (!b) return;
    const measure = () => fit(Math.floor(b.clientWidth));
    measure();
    const o = new ResizeObserver(measure);
    o.observe(b);
    return () => o.disconnect();
  }, []);
  const shape = shapeOf(source);
  useLayoutEffect(() => {
    if (!box.current || width < 50) return;
    let told = '';
    const made = makePlot(source, box.current, { width, height }, {
      area: (a) => {
        const text = `${Math.round(a.left)} ${Math.round(a.width)}`;
        if (text !== told) area(a);
        told = text;
      },
      cursor,
      zoom: (from, to) => zoomNow.current?.(from, to),
    });
    plot.current = made;
    return () => {
      plot.current = undefined;
      made.destroy();
    };
  }, [source, shape, width, height, colours]);
  useEffect(() => plot.current?.setData(dataOf(source)), [source, version]);
  const label = t('trends.chartOf', { names: source.names.join(', ') });
  return <div class="drawing" ref={box} role="img" aria-label={label} />;
}

/** useDark is whether the system wants it dark, anew when that changes. */
function useDark(): boolean {
  const query = '(prefers-color-scheme: dark)';
  const [dark, set] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const changed = () => set(list.matches);
    list.addEventListener('change', changed);
    return () => list.removeEventListener('change', changed);
  }, []);
  return dark;
}

interface BandProps {
  track: Track;
  index: number;
  source: Source;
  area: Area;
  named: boolean;
}

/** Band is the quality of a track below the time that it had it. */
function Band({ track, index, source, area, named }: BandProps) {
  const { from, to } = source;
  const spans = track.spans(from, to).slice(-500);
  const length = to - from || 1;
  return (
    <div class="band" role="img" aria-label={t('trends.qualityOf', { name: track.name })}>
      {named ? <span class={`swatch trend-${(index % 8) + 1}`} aria-hidden="true" /> : null}
      <div class="band-area" style={{ left: `${area.left}px`, width: `${area.width}px` }}>
        {spans.map((s) => (
          <span
            key={`${s.from}`}
            class={`span ${s.kind}`}
            style={{ left: `${((s.from - from) / length) * 100}%`, width: `${((s.to - s.from) / length) * 100}%` }}
            title={spanText(s)}
          />
        ))}
      </div>
    </div>
  );
}

/** spanText is what a part of a band says. */
export function spanText(s: Span): string {
  const time = `${stamp(new Date(s.from * 1000))} – ${stamp(new Date(s.to * 1000))}`;
  if (s.kind === 'gap') return `${time}: ${t('trends.gap')}: ${s.text}`;
  return `${time}: ${signs[s.kind]} ${t(words[s.kind])} (${s.text})`;
}
