import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatRange, parseRange } from './clipboard.ts';
import { numberColumns } from './columns.ts';
import { hasDecimalCommas, withPoint } from './decimals.ts';

test('a range of a spreadsheet', () => {
  for (const [text, want] of [
    ['', []],
    ['a', [['a']]],
    ['a\tb\r\nc\td\r\n', [['a', 'b'], ['c', 'd']]],
    ['a\tb\nc\td', [['a', 'b'], ['c', 'd']]],
    ['a\t\r\n\t', [['a', ''], ['', '']]],
    ['\r\na', [[''], ['a']]],
    ['"two\nlines"\tb', [['two\nlines', 'b']]],
    ['"two\r\nlines"\r\n', [['two\r\nlines']]],
    ['"say ""x"""\t"a\tb"', [['say "x"', 'a\tb']]],
    ['""\tb', [['', 'b']]],
    ['"open\tb\nc', [['"open', 'b'], ['c']]],
    ['5" pipe\tb"', [['5" pipe', 'b"']]],
    ['"a" b\tc', [['"a" b', 'c']]],
    ["'=a\t'b", [['=a', "'b"]]],
    ['a\rb', [['a'], ['b']]],
  ] as const) {
    assert.deepEqual(parseRange(text), want, JSON.stringify(text));
  }
});

test('what is copied is computed by no spreadsheet, and pasted as it was', () => {
  const rows = [['=1+1', '+a', '-5', '@x', "'", "'=q"], ['"', 'a"b', 'tab\there', 'two\nlines', '', ' x ']];
  const text = formatRange(rows);
  assert.deepEqual(parseRange(text), rows);
  assert.ok(text.startsWith("'=1+1\t'+a\t-5\t'@x\t'\t"));
});

test('decimal commas become points, thousands stay what they are', () => {
  const convert = (cells: [string, string][]) => {
    const list = cells.map(([column, text]) => ({ column, text }));
    const decimal = hasDecimalCommas(list, numberColumns);
    return list.map((c) => withPoint(c, decimal, numberColumns));
  };
  assert.deepEqual(convert([['scale', '0,1'], ['offset', '-12,50'], ['tag', 'a,5'], ['enum', '0,1']]), ['0.1', '-12.50', 'a,5', '0,1']);
  assert.deepEqual(convert([['scale', '1,234']]), ['1,234']); // one, or a thousand?
  assert.deepEqual(convert([['scale', '1,234'], ['min', '0,5']]), ['1.234', '0.5']);
  assert.deepEqual(convert([['scale', '1,234'], ['min', '0.5']]), ['1,234', '0.5']);
  assert.deepEqual(convert([['scale', '1.234,5'], ['min', '1,234.5'], ['max', '1,234,567']]), ['1.234,5', '1,234.5', '1,234,567']);
  assert.deepEqual(convert([['poll', '1,5 s'], ['deadband', '0,5%'], ['scale', '1,5e-3'], ['description', '1,5']]), ['1.5 s', '0.5%', '1.5e-3', '1,5']);
  assert.deepEqual(convert([['scale', '0,123']]), ['0.123']);
});

test('a large range costs no more than its length', () => {
  const row = '"a ""b"""\t40001\t0,1\tx\ty\tz\r\n';
  assert.equal(parseRange(row.repeat(50_000)).length, 50_000);
  assert.equal(parseRange('"'.repeat(300_001)).length, 1);
});
