import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grouped, Numeral, parseExact, percent, valueText, type Value } from './number.ts';

test('numbers keep their digits', () => {
  for (const n of ['0', '-1', '12.5', '9223372036854775807', '-9223372036854775808', '18446744073709551615', '20.0', '0.10', '1e400', '1.0E-7']) {
    const [got] = parseExact(`[${n}]`) as Value[];
    assert.equal(valueText(got), n);
  }
});

test('a number that JavaScript prints as it came is one', () => {
  assert.deepEqual(parseExact('{"a":12.5,"b":[1,true,null,"x"]}'), { a: 12.5, b: [1, true, null, 'x'] });
  assert.ok((parseExact('[20.0]') as unknown[])[0] instanceof Numeral);
  assert.equal(Number((parseExact('[20.0]') as Numeral[])[0]), 20);
});

test('texts that look like numbers stay texts', () => {
  const text = '["20.0","a \\"20.0\\" b","\\\\",9007199254740993,"12345678901234567890"]';
  const list = parseExact(text) as unknown[];
  assert.deepEqual(list.map(String), ['20.0', 'a "20.0" b', '\\', '9007199254740993', '12345678901234567890']);
  assert.equal(typeof list[0], 'string');
  assert.equal(typeof list[4], 'string');
});

test('a text with the mark of a number in it is no markup of ours', () => {
  assert.deepEqual(parseExact('["\\u0000number:<img>",20.0]'), ['\u0000number:<img>', new Numeral('20.0')]);
});

test('what is not JSON is refused', () => {
  assert.throws(() => parseExact('{"a":20.0'));
  assert.throws(() => parseExact('<html>'));
});

test('figures for people', () => {
  assert.equal(grouped(1234567), '1\u202f234\u202f567');
  assert.equal(grouped(999), '999');
  assert.equal(percent(0), '0\u202f%');
  assert.equal(percent(0.0123), '1.2\u202f%');
  assert.equal(percent(1.5), '150\u202f%');
});
