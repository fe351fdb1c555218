import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnNames } from './columns.ts';
import { CsvText } from './csvtext.ts';
import { Undo } from './undo.ts';

const known = (name: string) => columnNames.includes(name);
const read = (text: string) => CsvText.read(text, known) as CsvText;

test('a step is taken back and done again', () => {
  const map = read('tag,address\na,1\nb,2\n');
  const undo = new Undo();
  const texts = [map.text()];
  for (const make of [() => map.inserting(3, [['c', '3']]), () => map.setting(new Map([[1, new Map([[0, 'z']])]])), () => map.removing(2, 1)]) {
    assert.ok(undo.do(map, { splices: [make()], row: 1, column: 0 }));
    texts.push(map.text());
  }
  for (const want of [...texts].reverse().slice(1)) {
    undo.undo(map);
    assert.equal(map.text(), want);
  }
  assert.equal(undo.undo(map), undefined);
  for (const want of texts.slice(1)) {
    undo.redo(map);
    assert.equal(map.text(), want);
  }
  assert.equal(undo.redo(map), undefined);
});

test('what changes nothing is no step, and a new step forgets those taken back', () => {
  const map = read('tag,address\na,1\n');
  const undo = new Undo();
  assert.equal(undo.do(map, { splices: [map.setting(new Map([[1, new Map([[0, 'a']])]]))], row: 1, column: 0 }), false);
  undo.do(map, { splices: [map.setting(new Map([[1, new Map([[0, 'b']])]]))], row: 1, column: 0 });
  undo.undo(map);
  undo.do(map, { splices: [map.setting(new Map([[1, new Map([[0, 'c']])]]))], row: 1, column: 0 });
  assert.equal(undo.canRedo, false);
});

test('5,000 rows of 6 cells pasted again and again are bounded', () => {
  const map = read(`tag,address,type,scale,unit,description\n${'a,1,,,,\n'.repeat(5_000)}`);
  const most = 6 << 20;
  const undo = new Undo(most);
  for (let k = 0; k < 10; k++) {
    const rows = new Map(Array.from({ length: 5_000 }, (_, i) => [i + 1, new Map([0, 1, 2, 3, 4, 5].map((c) => [c, `t${i}.${k}`]))]));
    undo.do(map, { splices: [map.setting(rows)], row: 1, column: 0 });
    assert.ok(undo.held <= most, `${undo.held} after ${k}`);
  }
  let n = 0;
  while (undo.undo(map)) n++;
  assert.ok(n >= 2 && n < 10, `${n} steps`);
  assert.match(map.text(), new RegExp(`^.*\nt0.${9 - n},`));
});
