// The Live column: what the tags of the rows that are seen are now, asked for every second.
import { get } from '../api.ts';
import { valueText, type Value } from '../number.ts';
import { Poller } from '../poll.ts';
import { classOf, signs } from '../quality.ts';
import type { Live } from './grid.ts';

interface Changes {
  cursor: string;
  tags: ({ device: string; tag: string; unit: string } | null)[] | null;
  values: [number, Value | null, string, string, string, string, string, string][];
}

const most = 150; // tags that are asked for at a time
const longest = 7_000; // characters of an address that the bridge takes, with room to spare

export class LiveColumn {
  private device = '';
  private asked = ''; // the question that the cursor belongs to
  private cursor = '';
  private tags: Changes['tags'] = [];
  private values = new Map<string, Live>();
  private readonly poller: Poller;

  /** seen names the tags that are seen; changed is called when there is something new. */
  constructor(private readonly seen: () => readonly string[], private readonly changed: () => void) {
    this.poller = new Poller((signal) => this.ask(signal), () => undefined);
  }

  start(): void {
    this.poller.start();
  }

  stop(): void {
    this.poller.stop();
  }

  /** Shows the tags of a device; a map may be that of several. */
  of(device: string): void {
    if (device === this.device) return;
    this.device = device;
    this.values.clear();
    this.poller.now();
  }

  live(tag: string): Live | undefined {
    return this.values.get(tag);
  }

  private async ask(signal: AbortSignal): Promise<void> {
    const question = this.question();
    if (question === '') return;
    if (question !== this.asked) this.cursor = '';
    const { data } = await get<Changes>(`/api/v1/changes?${question}${this.cursor && `&since=${this.cursor}`}`, { signal });
    this.asked = question;
    this.cursor = encodeURIComponent(data.cursor);
    if (data.tags) {
      this.tags = data.tags;
      this.values.clear();
    }
    for (const v of data.values) this.put(v);
    if (data.tags || data.values.length > 0) this.changed();
  }

  private question(): string {
    if (this.device === '') return '';
    const names: string[] = [];
    let length = 0;
    for (const tag of new Set(this.seen())) {
      const name = `tag=${encodeURIComponent(`${this.device}/${tag}`)}`;
      if (tag === '' || length + name.length > longest || names.length === most) continue;
      length += name.length + 1;
      names.push(name);
    }
    return names.join('&');
  }

  private put([place, value, quality, , , , error, text]: Changes['values'][number]): void {
    const tag = this.tags?.[place];
    if (!tag) return;
    const kind = classOf(quality);
    const number = value === null ? quality : valueText(value);
    const shown = text ? `${text} (${number})` : number;
    const unit = tag.unit && value !== null ? ` ${tag.unit}` : '';
    const title = [quality, error].filter((x) => x).join(': ');
    this.values.set(tag.tag, { text: `${kind === 'good' ? '' : `${signs[kind]} `}${shown}${unit}`, kind, title });
  }
}
