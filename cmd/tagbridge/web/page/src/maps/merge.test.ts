import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnNames } from './columns.ts';
import { CsvText } from './csvtext.ts';
import { merge } from './merge.ts';
import { Undo } from './undo.ts';

const known = (name: string) => columnNames.includes(name);
const read = (text: string) => CsvText.read(text, known) as CsvText;

function merged(base: string, mine: string, theirs: string) {
  const map = read(theirs);
  const undo = new Undo();
  const collisions = merge(read(base), read(mine), map, undo);
  const text = map.text();
  undo.undo(map);
  assert.equal(map.text(), theirs);
  const again = read(text);
  assert.equal(again.text(), text);
  return { text, collisions };
}

const base = 'tag,address,unit\n# boiler\na,1,bar\nb,2,K\nc,3,\n';

test('edits of different cells are both there', () => {
  const got = merged(base, base.replace('a,1', 'a,11'), base.replace('bar', 'mbar').replace('b,2,K', 'b,2,°C'));
  assert.deepEqual(got, { text: 'tag,address,unit\n# boiler\na,11,mbar\nb,2,°C\nc,3,\n', collisions: [] });
});

test('one cell that both changed stays the other’s, and hers is told', () => {
  const got = merged(base, base.replace('a,1', 'a,11'), base.replace('a,1', 'a,12'));
  assert.equal(got.text, base.replace('a,1', 'a,12'));
  assert.deepEqual(got.collisions, [{ tag: 'a', column: 'address', base: '1', mine: '11', theirs: '12' }]);
  assert.deepEqual(merged(base, base.replace('a,1', 'a,9'), base.replace('a,1', 'a,9')).collisions, []);
});

test('rows that are added go where they were added', () => {
  const got = merged(base, base.replace('b,2,K\n', 'b,2,K\nx,7,\ny,8,\n') + 'z,9,\n', 'tag,address,unit\nnew,5,\n' + base.slice(17));
  assert.deepEqual(got, { text: 'tag,address,unit\nnew,5,\n# boiler\na,1,bar\nb,2,K\nx,7,\ny,8,\nc,3,\nz,9,\n', collisions: [] });
});

test('a row that one removes and the other changes', () => {
  const gone = base.replace('b,2,K\n', '');
  const changed = base.replace('b,2,K', 'b,2,°C');
  assert.equal(merged(base, gone, base).text, gone);
  assert.deepEqual(merged(base, gone, changed), { text: changed, collisions: [{ tag: 'b', column: '', base: 'b,2,K', mine: undefined, theirs: 'b,2,°C' }] });
  assert.deepEqual(merged(base, changed, gone), { text: gone, collisions: [{ tag: 'b', column: '', base: 'b,2,K', mine: 'b,2,°C', theirs: undefined }] });
});

test('a tag that both have added, and a tag that got another name', () => {
  const got = merged(base, `${base}n,4,V\n`, `${base}n,5,V\n`);
  assert.deepEqual(got.collisions, [{ tag: 'n', column: 'address', base: '', mine: '4', theirs: '5' }]);
  assert.deepEqual(merged(base, base.replace('b,2', 'bb,2'), base.replace('K', '°C')), { text: base.replace('b,2,K', 'bb,2,°C'), collisions: [] });
});

test('columns that are added, moved, and files without a line end at the end', () => {
  assert.equal(merged('tag,address\na,1', 'tag,address,unit\na,1,bar', 'address,tag\n1,a').text, 'address,tag,unit\n1,a,bar');
  assert.equal(merged('tag,address\na,1', 'tag,address\na,2\nb,3', 'tag;address\na;1').text, 'tag;address\na;2\nb;3');
});

test('comments', () => {
  assert.equal(merged(base, base.replace('# boiler', '# kettle'), base.replace('K', '°C')).text, base.replace('# boiler', '# kettle').replace('K', '°C'));
  assert.equal(merged(base, base.replace('b,2', '#b,2'), base).text, base.replace('b,2', '#b,2'));
  assert.equal(merged(base, base.replace('# boiler', '# x'), base.replace('# boiler', '# y')).collisions.length, 1);
});

test('5,000 rows of which each changed another', () => {
  const rows = (unit: string, scale: string) => `tag,address,unit,scale\n${Array.from({ length: 5_000 }, (_, i) => `t${i},${i},${unit},${scale}\n`).join('')}`;
  const got = merged(rows('', ''), rows('bar', ''), rows('', '0.1'));
  assert.deepEqual(got, { text: rows('bar', '0.1'), collisions: [] });
});

test('texts that are no tables are carried over by lines', async () => {
  const { mergeLines } = await import('./mergelines.ts');
  const yaml = '- tag: a\n  address: 1\n- tag: b\n  address: 2\n- tag: c\n  address: 3\n';
  assert.deepEqual(mergeLines(yaml, yaml.replace('1', '11'), yaml.replace('3', '33')), { text: yaml.replace('1', '11').replace('3', '33'), collisions: [] });
  assert.deepEqual(mergeLines(yaml, yaml.replace('2', '22'), yaml.replace('2', '21')), {
    text: yaml.replace('2', '21'),
    collisions: [{ tag: '4', column: '', base: 'address: 2', mine: 'address: 22', theirs: 'address: 21' }],
  });
  assert.equal(mergeLines(yaml, `${yaml}- tag: d\n`, yaml.replace('1', '9')).text, `${yaml.replace('1', '9')}- tag: d\n`);
  assert.deepEqual(mergeLines(yaml, yaml, ''), { text: '', collisions: [] });
  assert.equal(mergeLines('', 'a\n', '').text, 'a\n');
});
