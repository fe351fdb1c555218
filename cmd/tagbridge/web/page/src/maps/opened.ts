// A map that is open: its draft, what the bridge says of it, and what is kept of it in the browser.
import { ApiError, isAbort, One } from '../api.ts';
import { onReachable } from '../connection.ts';
import { Readings } from './ask/readings.ts';
import { check, readMap, type Draft, type Finding, type Problem } from './api.ts';
import { forget, keep, onOtherTab, recall } from './kept.ts';
import { MapDraft } from './mapdraft.ts';
import { loadColumns } from './meanings.ts';
import { merge, type Collision } from './merge.ts';
import { mergeLines } from './mergelines.ts';

const checkAfter = 300;
const keepAfter = 400;

/** How a draft is kept: not yet changed, kept, or only in this tab. */
export type Keeping = 'none' | 'kept' | 'lost';

export class Opened {
  table: MapDraft | undefined;
  finding: Finding | undefined;
  fault: ApiError | undefined; // why the last check did not come about
  checking = false;
  collisions: readonly Collision[] = [];
  /** What rows gave that were read once. */
  readonly readings = new Readings();
  /** When the draft was changed that was found in the browser. */
  restored: number | undefined;
  keeping: Keeping = 'none';
  /** Another tab of this browser has changed its draft of this map: only one of them is kept. */
  elsewhere = false;
  /** When the draft was last put on a new base: what is listed may be older for a moment. */
  based = 0;
  /** What the file is to be written in from now on; "": in what it is. */
  encoding = '';
  private plain = ''; // of what is no table
  private readonly one = new One();
  private readonly followers = new Set<() => void>();
  private checkTimer: ReturnType<typeof setTimeout> | undefined;
  private keepTimer: ReturnType<typeof setTimeout> | undefined;
  private version = 0;

  private constructor(readonly name: string, public base: string, public etag: string) {
    this.take(base);
    onReachable(() => this.fault && this.checkSoon(0));
    onOtherTab((file) => {
      this.elsewhere = file === name && recall(name) !== undefined;
      this.tell();
    });
    addEventListener('pagehide', () => this.keepNow());
  }

  static async open(name: string): Promise<Opened> {
    const [{ data, etag }] = await Promise.all([readMap(name), loadColumns()]);
    const o = new Opened(name, data, etag ?? '');
    const kept = recall(name);
    if (kept && kept.text !== data) o.restore(kept.base, kept.text, kept.etag, kept.time);
    else if (kept) forget(name);
    o.checkSoon(0);
    return o;
  }

  /** Reports a map that is written as a table. */
  static isTable(name: string): boolean {
    return !/\.ya?ml$/i.test(name);
  }

  get text(): string {
    return this.table ? this.table.map.text() : this.plain;
  }

  get dirty(): boolean {
    return this.encoding !== '' || this.text !== this.base;
  }

  /** What is to be checked, or applied. */
  change(): Draft {
    return { files: { [this.name]: this.text }, ...(this.encoding ? { encodings: { [this.name]: this.encoding } } : {}) };
  }

  get problems(): readonly Problem[] {
    return (this.finding?.problems ?? []).filter((p) => p.file === this.name);
  }

  follow(f: () => void): () => void {
    this.followers.add(f);
    return () => this.followers.delete(f);
  }

  tell(): void {
    for (const f of [...this.followers]) f();
  }

  /** To be called after each edit. */
  edited(): void {
    this.version++;
    this.checkSoon(checkAfter);
    clearTimeout(this.keepTimer);
    this.keepTimer = setTimeout(() => this.keepNow(), keepAfter);
    this.tell();
  }

  /** Takes the draft of another tab in place of this one. */
  takeElsewhere(): void {
    const kept = recall(this.name);
    this.elsewhere = false;
    if (kept) this.restore(kept.base, kept.text, kept.etag, kept.time);
    this.edited();
  }

  setPlain(text: string): void {
    this.plain = text;
    this.edited();
  }

  /** Another text takes the place of all of it; it can be undone only by discarding. */
  replace(text: string): void {
    this.take(text);
    this.edited();
  }

  /** Has the file written in another encoding; "": in the one that it has. */
  encode(encoding: string): void {
    this.encoding = encoding;
    this.edited();
  }

  discard(): void {
    this.encoding = '';
    this.take(this.base);
    this.collisions = [];
    this.restored = undefined;
    this.edited();
  }

  /** What was written is the base from now on. */
  applied(text: string, etag: string): void {
    this.base = text;
    this.etag = etag;
    this.based = Date.now();
    this.encoding = '';
    this.collisions = [];
    this.restored = undefined;
    this.edited();
  }

  /** Somebody else has changed the file: carries her edits over to what it is now. */
  async rebase(): Promise<void> {
    const { data, etag } = await readMap(this.name);
    this.based = Date.now();
    if (data === this.base) {
      this.etag = etag ?? '';
      return;
    }
    this.carry(this.base, this.text, data);
    this.base = data;
    this.etag = etag ?? '';
    this.edited();
  }

  checkSoon(after: number): void {
    clearTimeout(this.checkTimer);
    this.checkTimer = setTimeout(() => void this.check(), after);
  }

  private take(text: string): void {
    this.table = Opened.isTable(this.name) ? MapDraft.read(text) : undefined;
    this.plain = text;
  }

  private restore(base: string, text: string, etag: string, time: number): void {
    if (etag === this.etag || base === this.base) this.take(text);
    else this.carry(base, text, this.base);
    this.restored = time;
    this.keepNow();
  }

  /** Makes the draft of theirs, and of what made mine of base. */
  private carry(base: string, mine: string, theirs: string): void {
    const [a, b, c] = [base, mine, theirs].map((t) => (Opened.isTable(this.name) ? MapDraft.read(t) : undefined));
    if (a && b && c) {
      this.collisions = merge(a.map, b.map, c.map, c.undo);
      this.table = new MapDraft(c.map);
      this.table.undo = c.undo;
      this.plain = theirs;
      return;
    }
    const merged = mergeLines(base, mine, theirs);
    this.collisions = merged.collisions;
    this.take(merged.text);
  }

  private keepNow(): void {
    clearTimeout(this.keepTimer);
    const before = this.keeping;
    if (!this.dirty) {
      if (before !== 'none') forget(this.name);
      this.keeping = 'none';
    } else {
      const kept = keep(this.name, { etag: this.etag, base: this.base, text: this.text, time: Date.now() });
      this.keeping = kept ? 'kept' : 'lost';
    }
    if (before !== this.keeping) this.tell();
  }

  private async check(): Promise<void> {
    const version = this.version;
    const snapshot = this.table?.snapshot();
    this.checking = true;
    this.tell();
    try {
      const { data } = await check(this.change(), this.one.next(), this.name);
      if (version !== this.version) return;
      this.finding = data;
      this.fault = undefined;
      if (this.table && snapshot) this.table.mend(this.problems, snapshot);
    } catch (err) {
      if (isAbort(err) || version !== this.version) return;
      this.fault = err instanceof ApiError ? err : new ApiError(-1, String(err));
      if (this.fault.retryAfter > 0) this.checkSoon(this.fault.retryAfter * 1000);
    } finally {
      if (version === this.version) this.checking = false;
      this.tell();
    }
  }
}
