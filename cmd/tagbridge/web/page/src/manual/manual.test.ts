import assert from 'node:assert/strict';
import { test } from 'node:test';
import { find, target, type Chapter } from './manual.ts';

const chapters: Chapter[] = [
  {
    name: 'maps', title: 'Tag maps', blocks: [
      { kind: 'text', spans: [{ text: 'A row a tag. The byte ' }, { text: 'order', style: 'code' }, { text: ' is that of the device.' }] },
      { kind: 'heading', level: 2, id: 'order', spans: [{ text: 'Byte order' }] },
      { kind: 'table', rows: [[[{ text: 'column' }], [{ text: 'meaning' }]], [[{ text: 'order' }], [{ text: `${'x'.repeat(300)} ABCD ${'y'.repeat(300)}` }]]] },
      { kind: 'code', code: 'tag,address\n<img onerror>' },
    ],
  },
];

test('all words have to be together, headings come first', () => {
  assert.deepEqual(find(chapters, 'ORDER byte').map((h) => [h.id, h.heading]), [['order', 'Byte order'], ['', 'Tag maps']]);
  assert.deepEqual(find(chapters, 'nowhere order'), []);
  assert.deepEqual(find(chapters, '  '), []);
});

test('an excerpt is about the place', () => {
  const [hit] = find(chapters, 'abcd');
  assert.match(hit!.text, /^… x+ ABCD y+ …$/);
  assert.ok(hit!.text.length < 260);
});

test('a link leads to a chapter, or is of the web', () => {
  assert.deepEqual(target('reference/columns#type'), { chapter: 'reference/columns', id: 'type' });
  assert.equal(target('https://example.org/'), undefined);
  assert.equal(target('javascript:alert(1)'), undefined);
});
