import assert from 'node:assert/strict';
import { test } from 'node:test';
import { showUnseen, visible } from './visible.ts';

test('what is not seen has a sign', () => {
  assert.equal(visible('a\u202eb'), 'a‹U+202E›b');
  assert.equal(visible('a\u0000b\u007f\u2066\ufeff'), 'a␀b‹U+007F›‹U+2066›‹U+FEFF›');
  const plain = 'Grüße,\tעברית 😀 1\u202f000\nnext';
  assert.equal(visible(plain), plain);
});

test('text of every element is shown so, and nothing else is touched', () => {
  showUnseen();
  const x = <p title={'a\u202e'} data-name={'\u202e'}>{'b\u202e'}{[1, <b key="b">{'c\u200f'}</b>]}</p>;
  const props = x.props as unknown as { title: string; 'data-name': string; children: [string, [number, { props: { children: string } }]] };
  assert.equal(props.title, 'a‹U+202E›');
  assert.equal(props['data-name'], '\u202e');
  assert.equal(props.children[0], 'b‹U+202E›');
  assert.equal(props.children[1][0], 1);
  assert.equal(props.children[1][1].props.children, 'c‹U+200F›');
});
