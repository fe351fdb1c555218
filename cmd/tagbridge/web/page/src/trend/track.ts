// The course of one tag: what the journal has of a time, then what was seen live. Times are seconds since 1970.
import { isNumber, valueText, type Value } from '../number.ts';
import { classOf, type QualityClass } from '../quality.ts';

/** History is the answer of /api/v1/history, of one tag. */
export interface History {
  tag: string;
  unit: string;
  since: string | null;
  until: string;
  step_seconds: number;
  points: [string, Value, Value, Value, string][];
  gaps: { since: string | null; until: string | null; reason: string }[];
}

/** Gap is a time of which there is nothing, and why. */
export interface Gap {
  from: number;
  to: number;
  reason: string;
}

/** Span is a time of one quality. */
export interface Span {
  from: number;
  to: number;
  kind: QualityClass | 'gap';
  /** The quality, or the reason of a gap. */
  text: string;
}

export type Kind = 'number' | 'step' | 'text';

/** seconds reads a time of the API. */
export function seconds(time: string): number {
  return new Date(time).getTime() / 1000;
}

/** numberOf is where a value is drawn; null: nowhere. */
export function numberOf(v: Value): number | null {
  if (typeof v === 'boolean') return v ? 1 : 0;
  if (!isNumber(v)) return null;
  const n = Number(v);
  return Number.isFinite(n) ? n : null;
}

type Cells = (number | null)[];

/** Points are columns: the same place of each is one time. */
export interface Points {
  times: number[];
  mean: Cells;
  min: Cells;
  max: Cells;
  quality: string[];
}

const empty = (): Points => ({ times: [], mean: [], min: [], max: [], quality: [] });

/** Track is replaced by parts: points of the journal when they come, live ones behind them. */
export class Track {
  past: Points = empty();
  live: Points = empty();
  gaps: Gap[] = [];
  unit = '';
  kind: Kind = 'number';
  labels: { value: number; text: string }[] = [];
  /** What was last seen. */
  value: Value = null;
  quality = '';
  meaning = '';
  /** It is in no map any more. */
  gone = false;
  /** What the journal was asked from; 0: it was not. */
  since = 0;
  /** The last point of the journal: what is newer is live. */
  private to = 0;

  constructor(readonly name: string) {}

  /** load takes what the journal has. */
  load(h: History): void {
    const p = empty();
    for (const [time, min, mean, max, quality] of h.points) push(p, seconds(time), numberOf(mean), numberOf(min), numberOf(max), quality);
    this.past = p;
    this.gaps = h.gaps.map((g) => ({ from: seconds(g.since ?? h.since ?? g.until ?? h.until), to: seconds(g.until ?? h.until), reason: g.reason }));
    this.since = h.since ? seconds(h.since) : 0;
    if (h.unit) this.unit = h.unit;
    this.to = p.times.at(-1) ?? 0;
    const kept = this.live;
    this.live = empty();
    kept.times.forEach((time, i) => time > this.to && push(this.live, time, kept.mean[i]!, kept.min[i]!, kept.max[i]!, kept.quality[i]!));
  }

  /** see notes a present value; what was seen before is not seen again. */
  see(v: Value, quality: string, time: string | null, meaning: string): void {
    this.value = v;
    this.quality = quality;
    this.meaning = meaning;
    if (typeof v === 'string') this.kind = 'text';
    else if (typeof v === 'boolean') this.kind = 'step';
    if (time === null) return;
    const at = seconds(time);
    const last = this.live.times.at(-1) ?? this.to;
    if (at > last) {
      const n = numberOf(v);
      push(this.live, at, n, n, n, quality);
    }
  }

  /** blank: there is nothing to draw, so that no axis means anything. */
  get blank(): boolean {
    const none = (n: number | null) => n === null;
    return this.live.mean.every(none) && this.past.mean.every(none);
  }

  /** forget drops live points before a time, which are seen no more. */
  forget(before: number): void {
    const n = this.live.times.findIndex((x) => x >= before);
    if (n <= 0) return;
    for (const column of [this.live.times, this.live.mean, this.live.min, this.live.max, this.live.quality]) column.splice(0, n);
  }

  /** columns are times, means, minima and maxima to draw: with nothing where there was a gap. */
  columns(): [number[], Cells, Cells, Cells] {
    const { past, live } = this;
    const times = [...past.times, ...live.times];
    const columns: [Cells, Cells, Cells] = [[...past.mean, ...live.mean], [...past.min, ...live.min], [...past.max, ...live.max]];
    return withGaps(times, columns, this.gaps);
  }

  /** spans are the qualities one after the other, and the gaps. */
  spans(from: number, to: number): Span[] {
    const list: Span[] = [];
    const add = (s: Span) => {
      const cut = { ...s, from: Math.max(from, s.from), to: Math.min(to, s.to) };
      if (cut.to <= cut.from) return;
      const last = list.at(-1);
      if (last && last.kind === cut.kind && last.text === cut.text && cut.from <= last.to) last.to = Math.max(last.to, cut.to);
      else list.push(cut);
    };
    const times = [...this.past.times, ...this.live.times];
    const qualities = [...this.past.quality, ...this.live.quality];
    times.forEach((time, i) => add({ from: time, to: times[i + 1] ?? to, kind: classOf(qualities[i]!), text: qualities[i]! }));
    for (const g of this.gaps) {
      const bad = /^tag bad: ?(.*)$/.exec(g.reason);
      const kind = bad ? 'bad' : 'gap';
      overlay(list, { from: Math.max(from, g.from), to: Math.min(to, g.to), kind, text: bad?.[1] || g.reason });
    }
    return list;
  }
}

function push(p: Points, time: number, mean: number | null, min: number | null, max: number | null, quality: string): void {
  p.times.push(time);
  p.mean.push(mean);
  p.min.push(min ?? mean);
  p.max.push(max ?? mean);
  p.quality.push(quality);
}

/** overlay puts s over what is in list. */
function overlay(list: Span[], s: Span): void {
  if (s.to <= s.from) return;
  const rest: Span[] = [];
  for (const x of list) {
    if (x.to <= s.from || x.from >= s.to) {
      rest.push(x);
      continue;
    }
    if (x.from < s.from) rest.push({ ...x, to: s.from });
    if (x.to > s.to) rest.push({ ...x, from: s.to });
  }
  rest.push(s);
  rest.sort((a, b) => a.from - b.from);
  list.splice(0, list.length, ...rest);
}

/** withGaps puts a time without values into each gap, so that no line crosses it. */
function withGaps(times: number[], columns: [Cells, Cells, Cells], gaps: readonly Gap[]): [number[], Cells, Cells, Cells] {
  const sorted = [...gaps].sort((a, b) => a.from - b.from);
  const out: [number[], Cells, Cells, Cells] = [[], [], [], []];
  let next = 0;
  const nothing = (at: number) => {
    if (out[0].length === 0 || at <= out[0].at(-1)!) return;
    out[0].push(at);
    for (const c of out.slice(1) as Cells[]) c.push(null);
  };
  times.forEach((time, i) => {
    for (; next < sorted.length && sorted[next]!.from < time; next++) {
      const g = sorted[next]!;
      nothing(g.from + Math.min(0.001, (time - g.from) / 2));
    }
    if (out[0].length > 0 && time <= out[0].at(-1)!) return; // a clock that was set back
    out[0].push(time);
    columns.forEach((c, k) => (out[k + 1] as Cells).push(c[i]!));
  });
  return out;
}

/** valueAt is what a track was at a time; undefined: nothing is known. */
export function valueAt(track: Track, time: number): { text: string; quality: string } | undefined {
  const gap = track.gaps.find((g) => g.from <= time && time < g.to);
  if (gap) return { text: '–', quality: '' };
  for (const p of [track.live, track.past]) {
    const i = before(p.times, time);
    if (i < 0) continue;
    const [mean, min, max] = [p.mean[i], p.min[i], p.max[i]];
    if (mean === null || mean === undefined) return { text: '–', quality: p.quality[i]! };
    const label = track.labels.find((l) => l.value === mean)?.text;
    const text = min === max || min === null || max === null ? short(mean) : `${short(mean)} (${short(min!)} – ${short(max!)})`;
    return { text: label ? `${text} ${label}` : text, quality: p.quality[i]! };
  }
  return undefined;
}

/** before is the place of the last time up to at; -1: none. */
function before(times: readonly number[], at: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** short is a mean with no more digits than it has a meaning. */
function short(n: number): string {
  return String(Number(n.toPrecision(7)));
}

/** shownValue is v for the legend: its text, and what its enumeration says. */
export function shownValue(v: Value, meaning = ''): string {
  const text = v === null ? '–' : valueText(v);
  return meaning ? `${text} ${meaning}` : text;
}
