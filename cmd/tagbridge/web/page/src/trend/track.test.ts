import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Numeral } from '../number.ts';
import { cell, csvOf } from './csv.ts';
import { isLive, moved, rangeOf, textOf, zoomed } from './range.ts';
import { numberOf, shownValue, Track, valueAt, type History } from './track.ts';

const at = (s: number) => new Date(Date.UTC(2026, 2, 1, 0, 0, s)).toISOString();
const sec = (s: number) => Date.UTC(2026, 2, 1, 0, 0, s) / 1000;

function history(more: Partial<History> = {}): History {
  return {
    tag: 'plc/t', unit: '°C', since: at(0), until: at(60), step_seconds: 10,
    points: [[at(0), 1, 2, 3, 'Good'], [at(10), 2, 2, 2, 'Good'], [at(40), null, null, null, 'BadTimeout'], [at(50), 5, 5, 5, 'Good']],
    gaps: [{ since: at(15), until: at(35), reason: 'the bridge was not running' }],
    ...more,
  };
}

test('no line crosses a gap, nor a bad value', () => {
  const t = new Track('plc/t');
  t.load(history());
  const [times, mean, min, max] = t.columns();
  assert.equal(times.length, 5);
  assert.ok(times[2]! > sec(15) && times[2]! < sec(35));
  assert.deepEqual(mean, [2, 2, null, null, 5]);
  assert.deepEqual(min, [1, 2, null, null, 5]);
  assert.deepEqual(max, [3, 2, null, null, 5]);
  assert.ok(times.every((x, i) => i === 0 || x > times[i - 1]!));
});

test('live values follow those of the journal, each once', () => {
  const t = new Track('plc/t');
  t.see(7, 'Good', at(55), '');
  t.load(history());
  for (const s of [50, 55, 56, 56, 40]) t.see(s, 'Good', at(s), '');
  assert.deepEqual(t.columns()[1].slice(-3), [5, 7, 56]);
  t.load(history({ points: [[at(55), 8, 8, 8, 'Good']] }));
  assert.deepEqual(t.columns()[1], [8, 56], 'what the journal has is its');
});

test('qualities one after the other, with gaps over them', () => {
  const t = new Track('plc/t');
  t.load(history());
  const spans = t.spans(sec(5), sec(60)).map((s) => [s.kind, s.from - sec(0), s.to - sec(0), s.text]);
  assert.deepEqual(spans, [
    ['good', 5, 15, 'Good'],
    ['gap', 15, 35, 'the bridge was not running'],
    ['good', 35, 40, 'Good'],
    ['bad', 40, 50, 'BadTimeout'],
    ['good', 50, 60, 'Good'],
  ]);
});

test('a gap that has no beginning is as long as what was asked for, and a bad tag is no gap', () => {
  const t = new Track('plc/t');
  t.load(history({ points: [[at(30), 1, 1, 1, 'Good']], gaps: [{ since: null, until: at(20), reason: 'x' }, { since: at(40), until: null, reason: 'tag bad: BadTimeout' }] }));
  const spans = t.spans(sec(0), sec(60)).map((s) => [s.kind, s.from - sec(0), s.to - sec(0), s.text]);
  assert.deepEqual(spans, [['gap', 0, 20, 'x'], ['good', 30, 40, 'Good'], ['bad', 40, 60, 'BadTimeout']]);
});

test('what is forgotten is what is seen no more', () => {
  const t = new Track('plc/t');
  for (let s = 0; s < 100; s++) t.see(s, 'Good', at(s), '');
  t.forget(sec(90));
  assert.deepEqual(t.columns()[1], [90, 91, 92, 93, 94, 95, 96, 97, 98, 99]);
});

test('a clock that was set back does not go back in the drawing', () => {
  const t = new Track('plc/t');
  t.load(history({ points: [[at(10), 1, 1, 1, 'Good'], [at(5), 2, 2, 2, 'Good'], [at(11), 3, 3, 3, 'Good']], gaps: [] }));
  assert.deepEqual(t.columns()[1], [1, 3]);
});

test('the value at a time', () => {
  const t = new Track('plc/t');
  t.load(history());
  t.labels = [{ value: 5, text: 'on' }];
  assert.equal(valueAt(t, sec(5))?.text, '2 (1 – 3)');
  assert.equal(valueAt(t, sec(20))?.text, '–');
  assert.equal(valueAt(t, sec(45))?.quality, 'BadTimeout');
  assert.equal(valueAt(t, sec(59))?.text, '5 on');
  assert.equal(valueAt(t, sec(-1)), undefined);
});

test('values are drawn as numbers and told as they are', () => {
  assert.equal(numberOf(true), 1);
  assert.equal(numberOf('12'), null);
  assert.equal(numberOf(null), null);
  assert.equal(numberOf(new Numeral('18446744073709551615')), 18446744073709552000);
  assert.equal(shownValue(new Numeral('18446744073709551615')), '18446744073709551615');
  assert.equal(shownValue(3, 'on'), '3 on');
  assert.equal(shownValue(null), '–');
});

test('ranges are read as they are written', () => {
  for (const r of [{ span: 60 }, { span: 0 }, { from: 1772323200.5, to: 1772323260 }]) assert.deepEqual(rangeOf(textOf(r)), r);
  for (const text of [null, '', '61', '5-4', '1772323260-1772323200', 'x', '-1']) assert.deepEqual(rangeOf(text), { span: 600 }, String(text));
  assert.deepEqual(zoomed(100, 200, 0.5), { from: 125, to: 175 });
  assert.deepEqual(moved(100, 200, -0.5), { from: 50, to: 150 });
  assert.ok(!isLive(zoomed(100, 100.5, 0.5)));
});

test('CSV for a spreadsheet, in which no name is a formula', () => {
  const t = new Track('plc/=HYPERLINK("x")');
  t.load(history());
  t.unit = '=1+1';
  const lines = csvOf([t], sec(0), sec(60)).split('\r\n');
  assert.equal(lines[0], 'time,tag,unit,mean,min,max,quality,gap');
  assert.equal(lines[1], `${at(0)},"plc/=HYPERLINK(""x"")",'=1+1,2,1,3,Good,`);
  assert.equal(lines[3], `${at(15)},"plc/=HYPERLINK(""x"")",'=1+1,,,,,the bridge was not running (${at(35)})`);
  assert.equal(lines.length, 7);
  assert.equal(cell('@x'), "'@x");
  assert.equal(cell('a,b'), '"a,b"');
});
