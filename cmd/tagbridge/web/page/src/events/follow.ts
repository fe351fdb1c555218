// The events since a time, as they come.
import { useEffect, useState } from 'preact/hooks';
import { ApiError, get } from '../api.ts';
import { Poller } from '../poll.ts';
import { joined, type Event } from './event.ts';

/** useEvents follows the events since a time, those of a device alone if it names one. */
export function useEvents(since: string, until: string, device: string): { list: Event[] | undefined; error: ApiError | undefined } {
  const [state, set] = useState<{ of: string; list: Event[] | undefined; error: ApiError | undefined }>({ of: '', list: undefined, error: undefined });
  const of = JSON.stringify([since, until, device]);
  useEffect(() => {
    let list: Event[] = [];
    let from = since;
    const ask = async (signal: AbortSignal) => {
      const q = new URLSearchParams({ ...(from ? { since: from } : {}), ...(until ? { until } : {}), ...(device ? { device } : {}) });
      const answer = await get<Event[]>(`/api/v1/events?${q}`, { signal });
      list = joined(list, answer.data);
      from = list[0]?.time ?? from; // from then on only what is new
      set({ of, list, error: undefined });
    };
    const p = new Poller(ask, (error) => set((s) => ({ of, list: s.of === of ? s.list : undefined, error })), until ? 60_000 : 2000);
    p.start();
    return () => p.stop();
  }, [of]);
  return state.of === of ? state : { list: undefined, error: undefined };
}
