import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device, Line, Sink } from './answers.ts';
import { alarmState, deviceState, few, lineState, sinkState, worstFirst, wrongOf } from './states.ts';

const device = (d: Partial<Device>) => ({ device: 'd', online: true, since: '2026-03-01T00:00:00Z', error: '', bad_tags: 0, ...d }) as Device;
const line = (l: Partial<Line>) => ({ line: 'l', connected: true, elsewhere: false, overdue_seconds: 0, slow_down: [], ...l }) as unknown as Line;
const sink = (k: Partial<Sink>) => ({ sink: 's', connected: true, error: '', behind_seconds: 0, set_aside: 0, ...k }) as Sink;

test('states are those of the verdict', () => {
  assert.deepEqual(deviceState(device({})), { kind: 'good', word: 'overview.online' });
  assert.equal(deviceState(device({ bad_tags: 1 })).kind, 'uncertain');
  assert.equal(deviceState(device({ online: false })).kind, 'bad');
  assert.equal(deviceState(device({ online: false, since: null })).word, 'overview.connecting');
  assert.equal(deviceState(device({ online: false, since: null, error: 'no' })).word, 'overview.offline');
  assert.equal(lineState(line({})).kind, 'good');
  assert.equal(lineState(line({ connected: false })).kind, 'bad');
  assert.equal(lineState(line({ overdue_seconds: 3 })).word, 'overview.stuck');
  assert.deepEqual(lineState(line({ connected: false, elsewhere: true })), { kind: 'away', word: 'overview.elsewhere' });
  assert.equal(lineState(line({ slow_down: [{ device: 'd', period: '1s', share: 1, tags: 1, fits: '2s' }] })).word, 'overview.crowded');
  assert.equal(sinkState(sink({})).kind, 'good');
  assert.equal(sinkState(sink({ connected: false })).word, 'overview.connecting');
  assert.equal(sinkState(sink({ connected: false, error: 'no' })).kind, 'bad');
  assert.equal(sinkState(sink({ behind_seconds: 61 })).word, 'overview.behind');
  assert.equal(sinkState(sink({ set_aside: 1 })).word, 'overview.refuses');
});

test('what is wrong is on top, else the order stays', () => {
  const list = [device({ device: 'a' }), device({ device: 'b', bad_tags: 1 }), device({ device: 'c', online: false }), device({ device: 'd' }), device({ device: 'e', online: false })];
  assert.deepEqual(worstFirst(list, deviceState).map((d) => d.device), ['c', 'e', 'b', 'a', 'd']);
});

test('of many only those that are wrong are shown, never none', () => {
  const many = (wrong: number) => worstFirst(Array.from({ length: 500 }, (_, i) => device({ device: `${i}`, online: i >= wrong })), deviceState);
  assert.equal(wrongOf(many(0), deviceState).length, few);
  assert.equal(wrongOf(many(3), deviceState).length, few);
  assert.equal(wrongOf(many(40), deviceState).length, 40);
  assert.equal(wrongOf(many(40).slice(0, few), deviceState).length, few);
});

test('an alarm is bad beyond the outer limits, or when it is urgent', () => {
  assert.equal(alarmState({ level: 'hi', priority: 2 }), 'uncertain');
  assert.equal(alarmState({ level: 'hihi', priority: 4 }), 'bad');
  assert.equal(alarmState({ level: 'lolo', priority: 4 }), 'bad');
  assert.equal(alarmState({ level: 'alarm', priority: 1 }), 'bad');
});
