import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lay, most, periods, ticks, type Request } from './timeline.ts';

const request = (device: string, period_ms: number, due_ms: number, time_ms: number): Request => ({
  device, period_ms, due_ms, time_ms, unit_id: 1, function: 3, table: 'holding', first: 0, count: 1, wasted: 0, tags: [], share: time_ms / period_ms,
});

test('requests wait for those before them', () => {
  const t = lay([request('a', 1000, 0, 100), request('b', 1000, 50, 100), request('c', 500, 400, 50)], 1000, 1);
  assert.deepEqual(t.blocks.map((b) => [b.request.device, b.start, b.end, b.waited]), [
    ['a', 0, 100, 0], ['b', 100, 200, 50], ['c', 400, 450, 0], ['c', 900, 950, 0],
  ]);
  assert.equal(Math.round(t.free * 1000), 700);
});

test('parallel requests overlap, but not those of one device', () => {
  const t = lay([request('a', 1000, 0, 100), request('a', 1000, 0, 100), request('b', 1000, 0, 100)], 1000, 2);
  const of = (d: string) => t.blocks.filter((b) => b.request.device === d).map((b) => b.start);
  assert.deepEqual(of('a'), [0, 100]);
  assert.ok(of('b')[0]! <= 100);
});

test('a line that is overloaded has nothing free, and what is drawn ends with the span', () => {
  const t = lay([request('a', 100, 0, 250)], 1000, 1);
  assert.equal(t.free, 0);
  assert.ok(t.blocks.every((b) => b.start < 1000));
});

test('what is too much is cut', () => {
  const t = lay([request('a', 1, 0, 0.1)], 60_000, 1);
  assert.equal(t.cut, true);
  assert.ok(t.blocks.length <= most);
  assert.deepEqual(lay([request('a', 0, 0, 1)], 1000, 1).blocks, []);
});

test('periods and ticks', () => {
  assert.deepEqual(periods([request('a', 1000, 0, 1), request('b', 200, 0, 1), request('c', 1000, 0, 1)]), [200, 1000]);
  assert.deepEqual(ticks(1000), [0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
  assert.ok(ticks(86_400_000).length <= 25);
});
