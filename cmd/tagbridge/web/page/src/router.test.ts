import assert from 'node:assert/strict';
import { test } from 'node:test';
import { href, parseRoute } from './router.ts';

test('addresses lead to their views', () => {
  for (const [hash, view, device] of [
    ['', 'overview', null],
    ['#', 'overview', null],
    ['#/', 'overview', null],
    ['#/values', 'values', null],
    ['#/values?device=a%20b', 'values', 'a b'],
    ['#/values?device=a?b', 'values', 'a?b'],
    ['#/nothing?device=x', 'overview', 'x'],
    ['#/../values', 'overview', null],
    ['#/values?%', 'values', null],
  ] as const) {
    const r = parseRoute(hash);
    assert.equal(r.view, view, hash);
    assert.equal(r.params.get('device'), device, hash);
  }
});

test('what href writes parseRoute reads', () => {
  const mean = '<img onerror=alert(1)> "\'& #/?=%\u202e\u0000ü';
  const r = parseRoute(href('values', { device: mean, tag: undefined, match: '' }));
  assert.deepEqual([...r.params], [['device', mean]]);
  assert.equal(href('sinks'), '#/sinks');
  assert.deepEqual([...parseRoute(href('trends', new URLSearchParams('tag=a&tag=b'))).params], [['tag', 'a'], ['tag', 'b']]);
});
