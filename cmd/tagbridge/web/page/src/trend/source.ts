// Where trends come from: the journal once, and the present values every second.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { ApiError, get, isAbort } from '../api.ts';
import { onReachable } from '../connection.ts';
import { Poller } from '../poll.ts';
import type { Changes } from '../values/rows.ts';
import type { TagDetail } from '../values/detail.tsx';
import { isLive, textOf, type Range } from './range.ts';
import { seconds, Track, type History } from './track.ts';

const points = 600; // that are asked of the journal
const most = 900; // live ones, before the journal is asked again

/** Source keeps the tracks of some tags over a range. */
export class Source {
  tracks: Track[];
  /** Seconds: what is shown. */
  from = 0;
  to = 0;
  /** Why there is nothing of the journal; '' as long as there is. */
  failure = '';
  loading = true;
  private cursor = '';
  private poller: Poller | undefined;
  private ending = new AbortController();
  private clock = 0; // by which the bridge's clock is ahead, seconds
  private reading = false;
  private began = false; // it is known which tags there are
  private timer: ReturnType<typeof setTimeout> | undefined;
  private forget: (() => void)[] = [];

  constructor(
    readonly names: readonly string[],
    private range: Range,
    private readonly changed: () => void,
  ) {
    this.tracks = names.map((n) => new Track(n));
    this.place();
  }

  start(): void {
    this.poller = new Poller(
      (signal) => this.look(signal),
      () => {
        this.cursor = '';
      },
    );
    this.poller.start();
    this.forget = [onReachable(() => void this.read())];
  }

  stop(): void {
    this.poller?.stop();
    this.ending.abort();
    clearTimeout(this.timer);
    for (const f of this.forget) f();
  }

  /** look at another time. */
  set(range: Range): void {
    if (textOf(range) === textOf(this.range)) return;
    this.range = range;
    this.place();
    void this.read();
  }

  private now(): number {
    return Date.now() / 1000 + this.clock;
  }

  /** place sets from and to. */
  private place(): void {
    if (!isLive(this.range)) {
      ({ from: this.from, to: this.to } = this.range);
      return;
    }
    this.to = this.now();
    this.from = this.to - (this.range.span || this.all());
  }

  /** all is how far back the journal goes, as far as that is known. */
  private all(): number {
    const first = Math.min(...this.tracks.map((t) => t.since || Infinity));
    return Number.isFinite(first) && first < this.to ? this.to - first : 3600;
  }

  /** look takes the present values. */
  private async look(signal: AbortSignal): Promise<void> {
    const q = new URLSearchParams(this.names.map((n) => ['tag', n]));
    if (this.cursor) q.set('since', this.cursor);
    const { data } = await get<Changes>(`/api/v1/changes?${q}`, { signal });
    this.cursor = data.cursor;
    this.clock = seconds(data.now) - Date.now() / 1000;
    data.tags?.forEach((info, i) => {
      const track = this.tracks[i];
      if (!track) return;
      track.gone = info === null;
      if (!info) return;
      track.unit = info.unit;
      void this.describe(track);
    });
    for (const [i, value, quality, time, , , , meaning] of data.values) this.tracks[i]?.see(value, quality, time, meaning);
    this.place();
    if (!this.began || (isLive(this.range) && this.tracks.some((t) => t.live.times.length > most))) {
      this.began = true;
      void this.read();
    }
    if (isLive(this.range)) for (const t of this.tracks) t.forget(this.from);
    this.changed();
  }

  /** read asks the journal. The range may become another meanwhile; then it is asked once more. */
  private async read(): Promise<void> {
    if (this.reading || !this.began) return;
    this.reading = true;
    this.loading = true;
    let asked = '';
    try {
      while (asked !== textOf(this.range) && !this.ending.signal.aborted) {
        asked = textOf(this.range);
        await this.readAll();
        this.place();
      }
    } finally {
      this.reading = false;
      this.loading = false;
      if (!this.ending.signal.aborted) this.changed();
    }
  }

  /** readAll asks the journal for what the present range is of all tracks together. */
  private async readAll(): Promise<void> {
    const there = this.tracks.filter((t) => !t.gone);
    if (there.length === 0) return;
    const q = new URLSearchParams(there.map((t) => ['tag', t.name]));
    q.set('points', String(points));
    if (!isLive(this.range) || this.range.span > 0) q.set('since', iso(this.from));
    if (!isLive(this.range)) q.set('until', iso(this.to));
    try {
      const { data } = await get<History | History[]>(`/api/v1/history?${q}`, { signal: this.ending.signal, timeout: 60_000 });
      for (const h of Array.isArray(data) ? data : [data]) this.tracks.find((t) => t.name === h.tag)?.load(h);
      this.failure = '';
    } catch (err) {
      if (isAbort(err)) return;
      this.failure = err instanceof ApiError ? err.text : String(err);
      if (err instanceof ApiError && err.retryAfter > 0) this.timer = setTimeout(() => void this.read(), err.retryAfter * 1000);
    }
  }

  /** describe asks what kind of values a track has. */
  private async describe(track: Track): Promise<void> {
    try {
      const { data } = await get<TagDetail>(`/api/v1/tag?${new URLSearchParams({ tag: track.name })}`, { signal: this.ending.signal });
      track.labels = data.enum;
      if (data.type.startsWith('string')) track.kind = 'text';
      else if (data.type === 'bool' || data.enum.length > 0) track.kind = 'step';
      this.changed();
    } catch {
      // what it is shows with its values
    }
  }
}

function iso(time: number): string {
  return new Date(time * 1000).toISOString();
}

/** useSource is the tracks of tags over a range, anew each second. */
export function useSource(names: readonly string[], range: Range): { source: Source; version: number } {
  const [version, again] = useState(0);
  const key = names.join('\n');
  const source = useMemo(() => new Source(names, range, () => again((n) => n + 1)), [key]);
  useEffect(() => {
    source.start();
    return () => source.stop();
  }, [source]);
  useEffect(() => source.set(range), [source, textOf(range)]);
  return { source, version };
}
