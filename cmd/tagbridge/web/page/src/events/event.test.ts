import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detailOf, joined, most, type Event } from './event.ts';

const event = (time: string, text = ''): Event => ({ time, kind: 'start', device: '', tag: '', sink: '', text, by: '' });

test('events are joined without repetition, newest first', () => {
  const old = joined([], [event('2026-03-01T01:00:00Z'), event('2026-03-01T02:00:00Z')]);
  assert.deepEqual(joined(old, [event('2026-03-01T02:00:00Z'), event('2026-03-01T02:00:00Z', 'b'), event('2026-03-01T03:00:00Z')]).map((e) => e.time + e.text), [
    '2026-03-01T03:00:00Z', '2026-03-01T02:00:00Z', '2026-03-01T02:00:00Zb', '2026-03-01T01:00:00Z',
  ]);
});

test('no more than most are kept, and those are the newest', () => {
  const many = Array.from({ length: most + 10 }, (_, i) => event(new Date(1e12 + i).toISOString()));
  const kept = joined([], many);
  assert.equal(kept.length, most);
  assert.equal(kept[0]!.time, many.at(-1)!.time);
});

test('what the kind says is not said again', () => {
  const of = (kind: string, text: string) => detailOf({ ...event('2026-03-01T01:00:00Z', text), kind });
  assert.equal(of('device-offline', 'device offline: no answer within 1s'), 'no answer within 1s');
  assert.equal(of('sink-online', 'sink online'), '');
  assert.equal(of('start', 'starting: version 1, no run before is known'), 'version 1, no run before is known');
  assert.equal(of('device-offline', 'devices offline are many'), 'devices offline are many');
  assert.equal(of('new-kind', 'device offline: why'), 'device offline: why');
});
