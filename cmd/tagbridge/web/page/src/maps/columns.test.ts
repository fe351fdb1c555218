import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { columnNames, knownOf, learnColumns, numberColumns } from './columns.ts';

const reference = readFileSync(resolve('../../../../configs/manual/reference/columns.md'), 'utf8');
const inManual = [...reference.matchAll(/^\| `([^`]+)` \|/gm)].map((m) => m[1] as string);

test('the columns that the page knows by itself are in the manual, in its order', () => {
  assert.ok(inManual.length > 20);
  assert.deepEqual(columnNames, inManual.filter((c) => columnNames.includes(c)));
  assert.ok([...numberColumns].every((c) => inManual.includes(c)));
});

test('a column that is new is learnt from the bridge, once', () => {
  const column = { column: 'brand_new', default: [{ text: '1' }], meaning: [{ text: 'what ' }, { text: 'it', style: 'code' }] };
  learnColumns([column, { ...column, column: 'label.X' }]);
  learnColumns([column]);
  assert.deepEqual(columnNames.filter((c) => c === 'brand_new' || c === 'label.X'), ['brand_new']);
  assert.deepEqual(knownOf('Brand_New'), { standard: '1', meaning: 'what it' });
  assert.equal(knownOf('label.area')?.standard, '1');
  assert.equal(knownOf('other'), undefined);
});
