// A page's rows, asked for every second and at once when others are seen.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { get, type ApiError } from '../api.ts';
import { Poller } from '../poll.ts';
import { Rows, type Changes, type Filter } from './rows.ts';

export interface Live {
  rows: Rows;
  error: ApiError | undefined;
  seen: (first: number, last: number) => void;
}

/** useRows is the rows that f takes, anew with each answer. */
export function useRows(f: Filter): Live {
  const [, again] = useState(0);
  const [error, fail] = useState<ApiError>();
  const asker = useMemo(() => new Asker(new Rows(f)), [f.device, f.match, f.quality, f.order]);
  useEffect(() => {
    fail(undefined);
    asker.start(
      () => {
        fail(undefined);
        again((n) => n + 1);
      },
      (e) => {
        fail(e);
        again((n) => n + 1);
      },
    );
    return () => asker.stop();
  }, [asker]);
  return { rows: asker.rows, error, seen: asker.seen };
}

/** Asker has one request under way at a time; what is seen meanwhile is asked for when it has ended. */
class Asker {
  private poller: Poller | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  constructor(readonly rows: Rows) {}

  start(came: () => void, failed: (e: ApiError) => void): void {
    this.poller = new Poller(
      async (signal) => {
        const { data } = await get<Changes>(this.rows.path(), { signal });
        this.rows.take(data);
        came();
        if (this.rows.lacking()) this.soon();
      },
      (e) => {
        this.rows.forget();
        failed(e);
      },
    );
    this.poller.start();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.poller?.stop();
  }

  seen = (first: number, last: number): void => {
    if (this.rows.look(first, last)) this.soon();
  };

  /** soon asks, once for all that is seen meanwhile: while somebody scrolls, too. */
  private soon(): void {
    if (this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.poller?.now();
    }, 50);
  }
}
