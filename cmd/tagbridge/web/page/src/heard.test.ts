import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heard, onVerdict, sinceHeard, skew, verdictThatHolds } from './heard.ts';

const headers = (verdict: string) => new Headers(verdict ? { 'X-Tagbridge-Status': verdict, Date: 'Sun, 01 Mar 2026 02:00:00 GMT' } : {});

test('another verdict is told of once, after who asked has taken it over', async () => {
  let told = 0;
  const forget = onVerdict(() => told++);
  assert.equal(sinceHeard(), Infinity);
  heard(headers(''), 0, 1); // a proxy's
  assert.equal(sinceHeard(), Infinity);
  heard(headers('a'), 0, 1);
  assert.equal(told, 0);
  await new Promise((r) => setTimeout(r, 0));
  heard(headers('a'), 0, 1);
  await new Promise((r) => setTimeout(r, 0));
  assert.deepEqual([told, verdictThatHolds()], [1, 'a']);
  assert.ok(sinceHeard() < 10_000);
  forget();
  heard(headers('b'), 0, 1);
  await new Promise((r) => setTimeout(r, 0));
  assert.equal(told, 1);
});

test('the bridge says whole seconds: what they may explain is no skew, and none jumps about by them', () => {
  const at = Date.parse('2026-03-01T02:00:00Z');
  assert.equal(skew(at, at + 900, at + 999), 0);
  assert.equal(skew(at, at - 400, at - 300), 0);
  assert.equal(skew(at + 60_000, at, at + 10), 60_495);
  assert.equal(skew(at + 61_000, at + 50, at + 60, 60_495), 60_495);
  assert.equal(skew(at, at - 9000, at + 9000), 0); // a slow way
  assert.equal(skew(NaN, at, at, 7), 7);
  assert.equal(skew(at, at + 10, at + 20, 60_495), 0); // it was set right
});
