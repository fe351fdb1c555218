import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { columnNames, numberColumns, readMeanings } from './columns.ts';

const reference = readFileSync(resolve('../../../../configs/manual/reference/columns.md'), 'utf8');

test('the columns are those of the manual, in its order', () => {
  const meanings = readMeanings(reference);
  assert.deepEqual([...meanings.keys()].filter((c) => c !== 'label.X'), columnNames);
  assert.match(meanings.get('enum')?.meaning ?? '', /0=stopped\|1=running/);
  assert.ok([...numberColumns].every((c) => meanings.has(c)));
});
