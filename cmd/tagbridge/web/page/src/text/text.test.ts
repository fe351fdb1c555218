import assert from 'node:assert/strict';
import { test } from 'node:test';
import { de } from './de.ts';
import { en } from './en.ts';
import { t } from './index.ts';

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
