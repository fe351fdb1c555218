// What happened, as /api/v1/events has it, gathered over several answers.
import type { QualityClass } from '../quality.ts';
import type { Key } from '../text/index.ts';

export interface Event {
  time: string;
  kind: string;
  device: string;
  tag: string;
  sink: string;
  text: string;
  by: string;
  since?: string;
  more?: number;
  first?: string;
}

/** kinds are those that the page has words for, in the order of the manual. */
export const kinds: Record<string, { text: Key; sign: QualityClass | 'none' }> = {
  start: { text: 'events.kind.start', sign: 'none' },
  stop: { text: 'events.kind.stop', sign: 'none' },
  reload: { text: 'events.kind.reload', sign: 'none' },
  'refused-reload': { text: 'events.kind.refused-reload', sign: 'uncertain' },
  'device-offline': { text: 'events.kind.device-offline', sign: 'bad' },
  'device-online': { text: 'events.kind.device-online', sign: 'good' },
  'tag-bad': { text: 'events.kind.tag-bad', sign: 'bad' },
  'tag-good': { text: 'events.kind.tag-good', sign: 'good' },
  'sink-offline': { text: 'events.kind.sink-offline', sign: 'bad' },
  'sink-online': { text: 'events.kind.sink-online', sign: 'good' },
  dropped: { text: 'events.kind.dropped', sign: 'bad' },
  rejected: { text: 'events.kind.rejected', sign: 'uncertain' },
  'journal-failing': { text: 'events.kind.journal-failing', sign: 'bad' },
  'journal-writes': { text: 'events.kind.journal-writes', sign: 'good' },
  'polls-late': { text: 'events.kind.polls-late', sign: 'uncertain' },
  'polls-on-time': { text: 'events.kind.polls-on-time', sign: 'good' },
  alarm: { text: 'events.kind.alarm', sign: 'uncertain' },
  cluster: { text: 'events.kind.cluster', sign: 'none' },
  edit: { text: 'events.kind.edit', sign: 'none' },
};

/** most is how many events the page keeps; older ones are asked for by another time. */
export const most = 5000;

/** identity tells events apart: one that is answered twice is one. */
export function identity(e: Event): string {
  return [e.time, e.kind, e.device, e.tag, e.sink, e.text, e.by].join('\u0000');
}

/** joined are old and more without repetition, newest first, and at most `most`. */
export function joined(old: readonly Event[], more: readonly Event[]): Event[] {
  const known = new Map(old.map((e) => [identity(e), e]));
  for (const e of more) known.set(identity(e), e);
  const order = [...known.values()].sort((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : 0));
  return order.slice(0, most);
}

/** spoken is what the kind says already, which texts begin with. */
const spoken = /^(device offline|devices offline|device online|devices online|sink offline|sink online|tags? bad|tags? good|reloaded|starting|stopping)(: |$)/;

/** detailOf is what the text of an event says beyond its kind. */
export function detailOf(e: Event): string {
  return kinds[e.kind] ? e.text.replace(spoken, '') : e.text;
}
