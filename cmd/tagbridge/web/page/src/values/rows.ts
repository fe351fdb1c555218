// The rows of a large list of tags, as far as they were looked at, and what to ask for next.
import type { Value } from '../number.ts';

/** Info is what does not change with a tag's values. */
export interface Info {
  device: string;
  tag: string;
  unit: string;
  row: string;
  description: string;
}

/** Present is what a tag shows now: value, quality, time, since, raw, error and the text of its enumeration. */
export type Present = [Value, string, string | null, string | null, string, string, string];

/** Row is replaced when anything of it changes, never changed. */
export interface Row {
  readonly info: Info;
  readonly now: Present | undefined;
}

/** Changes is the answer of /api/v1/changes. */
export interface Changes {
  cursor: string;
  list: string;
  now: string;
  all: number;
  matching: number;
  good: number;
  uncertain: number;
  bad: number;
  first: number;
  tags: (Info | null)[] | null;
  values: [number, ...Present][];
}

export interface Filter {
  device: string;
  match: string;
  quality: string;
  /** 'worst': what is bad on top. */
  order: 'worst' | 'name';
}

/**
 * patternsOf is what is asked for when somebody types text: without * and ? whatever holds its words in their order, and
 * not what holds those behind a !.
 */
export function patternsOf(text: string): string[] {
  const words = text.split(/\s+/).filter((w) => w !== '' && w !== '!');
  const wild = (w: string) => /[*?]/.test(w);
  const wanted = words.filter((w) => !w.startsWith('!'));
  const unwanted = words.filter((w) => w.startsWith('!')).map((w) => (wild(w) ? w : `!*${w.slice(1)}*`));
  if (wanted.length === 0) return unwanted;
  return [...(wanted.some(wild) ? wanted : [`*${wanted.join('*')}*`]), ...unwanted];
}

/** queryOf is f as parameters of the API. */
export function queryOf(f: Filter): URLSearchParams {
  const q = new URLSearchParams();
  if (f.device) q.append('device', f.device);
  for (const p of patternsOf(f.match)) q.append('match', p);
  if (f.quality) q.append('quality', f.quality);
  if (f.order === 'worst') q.append('order', 'worst');
  return q;
}

const step = 20; // rows by which what is asked for moves, so that a cursor outlives a little scrolling
const ahead = 120; // rows that are fetched with those that are missing
const most = 4000; // rows that are kept

/** Rows keeps what was answered. */
export class Rows {
  readonly known = new Map<number, Row>();
  counts = { all: 0, matching: 0, good: 0, uncertain: 0, bad: 0 };
  /** The bridge's clock is ahead of the browser's by so many milliseconds. */
  ahead = 0;
  /** How often something was answered. */
  answers = 0;
  private list = '';
  private cursor = '';
  private window = '';
  private visible: [number, number] = [0, 0];

  constructor(private readonly filter: Filter) {}

  /** look notes which rows are seen; true: some of them are not known. */
  look(first: number, last: number): boolean {
    this.visible = [first, last];
    return this.lacking();
  }

  /** lacking reports that rows which are seen are not known. */
  lacking(): boolean {
    const [first, last] = this.visible;
    const end = this.answers ? Math.min(last, this.counts.matching - 1) : last;
    for (let i = first; i <= end; i++) if (!this.known.has(i)) return true;
    return false;
  }

  /** path is what to ask for now. */
  path(): string {
    let [first, last] = this.visible;
    if (this.lacking()) {
      first = Math.max(0, first - ahead / 2);
      last += ahead;
    }
    first -= first % step;
    last += step - 1 - (last % step);
    last = Math.min(last, first + 499);
    const q = queryOf(this.filter);
    q.set('rows', `${first}-${last}`);
    const window = q.toString();
    if (window === this.window && this.cursor) q.set('since', this.cursor);
    this.window = window;
    return `/api/v1/changes?${q}`;
  }

  /** take puts in what was answered. */
  take(a: Changes): void {
    if (a.list !== this.list) this.known.clear();
    this.list = a.list;
    this.cursor = a.cursor;
    this.counts = { all: a.all, matching: a.matching, good: a.good, uncertain: a.uncertain, bad: a.bad };
    this.ahead = new Date(a.now).getTime() - Date.now();
    this.answers++;
    a.tags?.forEach((info, i) => {
      if (info) this.known.set(a.first + i, { info, now: this.known.get(a.first + i)?.now });
    });
    for (const [at, ...now] of a.values) {
      const row = this.known.get(at);
      if (row) this.known.set(at, { info: row.info, now });
    }
    if (this.known.size > most) this.trim();
  }

  /** trim forgets the rows that are farthest from those that are seen. */
  private trim(): void {
    const [first, last] = this.visible;
    const middle = (first + last) / 2;
    const far = [...this.known.keys()].sort((a, b) => Math.abs(b - middle) - Math.abs(a - middle));
    for (const at of far.slice(0, far.length - most / 2)) this.known.delete(at);
  }

  /** forget has everything be asked for anew. */
  forget(): void {
    this.cursor = '';
  }
}
