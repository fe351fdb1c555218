import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostile, worse } from '../../../browser/names.ts';
import { MapDraft } from '../mapdraft.ts';
import { isNumber, legal, named, parts, rowsToRead, unique } from './rows.ts';

const whole = { top: 0, left: 0, bottom: 99, right: 0 };

test('rows are read as they are in the draft, numbers with a point, without what has no address', () => {
  const d = MapDraft.read('tag;Address;scale;x_note;label.area;poll\n# one\na;40001;0,1;n;north;1,5s\nb;;2;;;\nc;40002;;;;\n') as MapDraft;
  const asked = rowsToRead(d, whole);
  assert.deepEqual(asked.map((a) => [a.number, a.tag, a.cells]), [
    [3, 'a', { tag: 'a', address: '40001', scale: '0.1', poll: '1.5s' }],
    [5, 'c', { tag: 'c', address: '40002' }],
  ]);
});

test('no more rows are read than the bridge takes', () => {
  const d = MapDraft.read(`tag,address\n${Array.from({ length: 300 }, (_, i) => `t${i},${40001 + i}\n`).join('')}`) as MapDraft;
  assert.equal(rowsToRead(d, { ...whole, bottom: 299 }).length, 200);
});

test('any text becomes a name that a tag may have', () => {
  for (const name of [...hostile, ...worse, '', ' ', '/', '//a//', '_x', '$SYS', 'time', 'TIME', 'a.quality', 'b.Text', '+/#', '=1+2', '-1']) {
    const made = legal(name);
    assert.match(made, /^[^+#\u0000-\u001f\u007f]+$/u, name);
    assert.ok(made.split('/').every((l) => l.trim() === l && l !== '' && !/^[_$]/.test(l)), `${name} → ${made}`);
    assert.ok(!/^time$/i.test(made) && !/\.(quality|text)$/i.test(made) && [...made].length <= 110, `${name} → ${made}`);
  }
  assert.equal(legal('Line 1/Speed'), 'Line 1/Speed');
});

test('names are none of the map, and none twice', () => {
  const taken = new Set(['a', 'a_2']);
  assert.deepEqual([unique('a', taken), unique('a', taken), unique('b', taken)], ['a_3', 'a_4', 'b']);
  const d = MapDraft.read('tag,address\nForce,1\n') as MapDraft;
  assert.deepEqual(named(d, [{ tag: 'Force', address: 'x' }, { tag: '#Force', address: 'y' }]).map((r) => r.get('tag')), ['Force_2', 'Force_3']);
});

test('what a display shows is a number with a decimal comma or point', () => {
  for (const n of ['1', '-2.5', '.5', '23,1', '+100', ',5']) assert.ok(isNumber(n), n);
  for (const n of ['x', '1,234,5', '1e3', '', '1 2', '-']) assert.ok(!isNumber(n), n);
  assert.deepEqual(parts(' 40001-40010, 30001-30010;holding:5 '), ['40001-40010', '30001-30010', 'holding:5']);
});
