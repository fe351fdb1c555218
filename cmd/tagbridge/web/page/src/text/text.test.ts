import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { de } from './de.ts';
import { en } from './en.ts';
import { t } from './index.ts';
import { qualityTexts } from './qualities.ts';

test('both languages fill in the same names', () => {
  const names = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
  for (const key of Object.keys(en) as (keyof typeof en)[]) {
    assert.deepEqual(names(de[key]), names(en[key]), key);
    assert.notEqual(de[key].trim(), '', key);
    assert.notEqual(en[key].trim(), '', key);
  }
});

test('what is filled in is not filled in again', () => {
  assert.equal(t('common.error', { text: '{text} $& $1' }), 'That did not work: {text} $& $1');
});

test('qualities have words in both languages, and are those that the manual explains', () => {
  const manual = readFileSync(resolve('../../../../configs/manual/reference/qualities.md'), 'utf8').split('## All others')[0] as string;
  const common = new Set([...manual.matchAll(/^\| `(\w+)` \| 0x/gm)].map((m) => m[1]));
  assert.deepEqual(Object.keys(qualityTexts.en), Object.keys(qualityTexts.de));
  assert.deepEqual(Object.keys(qualityTexts.en).filter((q) => !common.has(q)), []);
});
