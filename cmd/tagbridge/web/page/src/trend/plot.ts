// The drawing itself: uPlot with the colours of the theme. Everything that is text in it is drawn, never markup.
import uPlot from 'uplot';
import { colour } from '../theme.ts';
import { clock, day } from '../time.ts';
import type { Source } from './source.ts';
import type { Track } from './track.ts';

export const colours = 8;

/** Where the area of the lines is within the drawing, for what is below it. */
export interface Area {
  left: number;
  width: number;
}

export interface PlotEvents {
  area: (a: Area) => void;
  /** The time that the pointer is at; null: it is elsewhere. */
  cursor: (time: number | null) => void;
  zoom: (from: number, to: number) => void;
}

const dashes = [[], [8, 4], [2, 3], [8, 3, 2, 3], [14, 5], [4, 4], [1, 4], [10, 3, 3, 3, 3, 3]];

/** colourOf is that of track i. */
export function colourOf(i: number): string {
  return colour(`--trend-${(i % colours) + 1}`) || '#888888';
}

/** shapeOf is a text that changes when the drawing has to be made anew. */
export function shapeOf(s: Source): string {
  return JSON.stringify(s.tracks.map((t) => [t.name, t.unit, t.kind, t.labels.length]));
}

/** dataOf is what uPlot draws: a common column of times, then three columns a track. */
export function dataOf(s: Source): uPlot.AlignedData {
  const tables = s.tracks.filter(isDrawn).map((t) => t.columns() as unknown as uPlot.AlignedData);
  if (tables.length === 0) return [[]];
  if (tables.length === 1) return tables[0]!;
  return uPlot.join(tables);
}

/** isDrawn reports a track that has a line: texts have none. */
export function isDrawn(t: Track): boolean {
  return t.kind !== 'text';
}

/** scaleOf is whose values can be compared: those of one unit. Steps have a scale of their own. */
function scaleOf(t: Track): string {
  return t.kind === 'step' ? `step:${t.labels.map((l) => `${l.value}=${l.text}`).join()}` : `unit:${t.unit}`;
}

/** makePlot draws s into box. */
export function makePlot(s: Source, box: HTMLElement, size: { width: number; height: number }, on: PlotEvents): uPlot {
  const drawn = s.tracks.map((t, i) => ({ t, i })).filter(({ t }) => isDrawn(t));
  const most = size.width < 500 ? 1 : size.width < 900 ? 2 : 4; // axes beside that of time
  const scales: uPlot.Scales = { x: { time: true, range: () => [s.from, s.to] } };
  const axes: uPlot.Axis[] = [timeAxis()];
  const series: uPlot.Series[] = [{}];
  const bands: uPlot.Band[] = [];
  for (const { t, i } of drawn) {
    const scale = scaleOf(t);
    if (!scales[scale]) {
      scales[scale] = t.kind === 'step' ? { range: (_, min, max) => [Math.min(min ?? 0, 0) - 0.15, Math.max(max ?? 1, 1) + 0.15] } : { range: roomy };
      if (axes.length <= most) axes.push(valueAxis(scale, t, axes.length, drawn.length === 1));
    }
    const at = series.length;
    const line: uPlot.Series = { scale, label: String(i), stroke: () => colourOf(i), width: 2, dash: dashes[i % dashes.length]!, points: { size: 4 }, spanGaps: false };
    if (t.kind === 'step') line.paths = uPlot.paths.stepped!({ align: 1 });
    series.push(line, edge(scale), edge(scale));
    bands.push({ series: [at + 2, at + 1], fill: () => `${colourOf(i)}2e` });
  }
  const options: uPlot.Options = {
    ...size,
    scales,
    axes,
    series,
    bands,
    legend: { show: false },
    cursor: { y: false, drag: { x: true, y: false, setScale: false }, points: { size: 7 } },
    padding: [10, axes.length % 2 === 0 ? 14 : 4, 0, 4],
    hooks: {
      ready: [(u) => tellArea(u, on)],
      setSize: [(u) => tellArea(u, on)],
      draw: [(u) => tellArea(u, on)],
      drawClear: [(u) => drawGaps(u, s)],
      setCursor: [(u) => on.cursor(u.cursor.left !== undefined && u.cursor.left !== null && u.cursor.left >= 0 ? u.posToVal(u.cursor.left, 'x') : null)],
      setSelect: [
        (u) => {
          if (u.select.width > 3) on.zoom(u.posToVal(u.select.left, 'x'), u.posToVal(u.select.left + u.select.width, 'x'));
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
  return new uPlot(options, dataOf(s), box);
}

function edge(scale: string): uPlot.Series {
  return { scale, stroke: 'transparent', width: 0, points: { show: false } };
}

/** roomy leaves some room above and below, and some when all is the same. */
function roomy(_: uPlot, min: number | null, max: number | null): uPlot.Range.MinMax {
  if (min === null || max === null) return [0, 1];
  const room = (max - min) * 0.08 || Math.abs(max) * 0.02 || 1;
  return [min - room, max + room];
}

function timeAxis(): uPlot.Axis {
  return {
    ...look(),
    space: 90,
    values: (_, times) => times.map((x, i) => tick(x, i === 0 ? undefined : times[i - 1], times[1] !== undefined ? times[1] - times[0]! : 60)),
  };
}

/** tick is the time of day, and the day where it has changed. */
function tick(at: number, before: number | undefined, step: number): string {
  const d = new Date(at * 1000);
  const time = step < 60 ? clock(d) : clock(d).slice(0, 5);
  const shown = step >= 86400 ? '' : time;
  if (before !== undefined && day(new Date(before * 1000)) === day(d)) return shown;
  return shown ? `${shown}\n${day(d)}` : day(d).slice(5);
}

function valueAxis(scale: string, t: Track, n: number, alone: boolean): uPlot.Axis {
  const axis: uPlot.Axis = { ...look(), scale, side: n % 2 === 1 ? 3 : 1, size: widthOf, label: t.kind === 'step' ? '' : cut(t.unit), labelSize: 18, labelFont: font(), labelGap: 0 };
  if (n > 1) axis.grid = { show: false };
  if (!axis.label) delete axis.label;
  if (t.kind === 'step') {
    axis.splits = () => (t.labels.length > 0 ? t.labels.slice(0, 20).map((l) => l.value) : [0, 1]);
    axis.values = (_, at) => at.map((v) => cut(t.labels.find((l) => l.value === v)?.text ?? String(v)));
  } else {
    axis.values = (_, at) => at.map((v) => String(Number(v.toPrecision(10))));
  }
  if (!alone) axis.stroke = () => colour('--text');
  return axis;
}

/** widthOf is the room that the texts of an axis need. */
function widthOf(_: uPlot, values: string[] | null): number {
  const longest = Math.max(0, ...(values ?? []).map((v) => v?.length ?? 0));
  return Math.min(130, 18 + longest * 7.2);
}

function cut(text: string): string {
  return text.length > 16 ? `${text.slice(0, 15)}…` : text;
}

function font(): string {
  return '12px system-ui, sans-serif';
}

function look(): uPlot.Axis {
  const line = () => colour('--line');
  return { stroke: () => colour('--soft'), font: font(), grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
}

function tellArea(u: uPlot, on: PlotEvents): void {
  const dpr = devicePixelRatio || 1;
  on.area({ left: u.bbox.left / dpr, width: u.bbox.width / dpr });
}

/** drawGaps shades the times of which nothing is known of any track. */
function drawGaps(u: uPlot, s: Source): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.fillStyle = colour('--raised');
  ctx.globalAlpha = s.tracks.length === 1 ? 0.9 : 0.5;
  for (const t of s.tracks) {
    for (const g of t.gaps) {
      const left = u.valToPos(Math.max(g.from, s.from), 'x', true);
      const right = u.valToPos(Math.min(g.to, s.to), 'x', true);
      if (right > left) ctx.fillRect(left, bbox.top, right - left, bbox.height);
    }
  }
  ctx.restore();
}
