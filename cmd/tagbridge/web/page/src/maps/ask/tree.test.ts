import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node } from './api.ts';
import { Tree, type Place } from './tree.ts';

const node = (name: string, more: Partial<Node> = {}): Node => ({ address: `ns=2;s=${name}`, name, class: 'object', type: '', value: '', quality: '', unit: '', description: '', rows: [], why: '', ...more });
const value = (name: string) => node(name, { class: 'variable', rows: [{ tag: name, address: `ns=2;s=${name}` }] });
const shown = (t: Tree) => [...t.lines()].map((l) => ('rest' in l ? `+${l.rest}` : `${' '.repeat(l.path.length - 1)}${l.name}`));
const named = (t: Tree, name: string) => [...t.lines()].find((l): l is Place => !('rest' in l) && l.name === name) as Place;

test('what is open is seen, and what is still to be asked for', () => {
  const t = new Tree();
  t.take(undefined, { nodes: [node('A'), node('B')], next: null });
  t.toggle(named(t, 'A'));
  assert.equal(t.knows(named(t, 'A')), false);
  t.take(named(t, 'A'), { nodes: [value('Force')], next: 1 });
  assert.deepEqual(shown(t), ['A', ' Force', '+1', 'B']);
  t.take(named(t, 'A'), { nodes: [value('Speed')], next: null });
  assert.deepEqual(shown(t), ['A', ' Force', ' Speed', 'B']);
  t.toggle(named(t, 'A'));
  assert.deepEqual(shown(t), ['A', 'B']);
});

test('what is checked becomes the rows that the bridge has for it', () => {
  const t = new Tree();
  t.take(undefined, { nodes: [node('A')], next: null });
  t.toggle(named(t, 'A'));
  const array = node('Array', { class: 'variable', rows: [{ tag: 'Array/0', address: 'x', element: '[0]' }, { tag: 'Array/1', address: 'x', element: '[1]' }] });
  t.take(named(t, 'A'), { nodes: [value('Speed'), array, node('Unnamed', { class: 'variable', why: 'no map can name it' })], next: null });
  t.check(named(t, 'Unnamed'), true);
  assert.deepEqual(t.rows(), []);
  t.checkBelow(named(t, 'A'));
  assert.deepEqual(t.rows().map((r) => r['tag']), ['Speed', 'Array/0', 'Array/1']);
  t.check(named(t, 'Array'), false);
  assert.deepEqual(t.rows().map((r) => r['tag']), ['Speed']);
  t.checkBelow(named(t, 'A'));
  t.checkBelow(named(t, 'A'));
  assert.deepEqual(t.rows(), []);
});

test('a node that is below itself is another each time', () => {
  const t = new Tree();
  t.take(undefined, { nodes: [node('A')], next: null });
  for (let depth = 0; depth < 3; depth++) {
    const deepest = [...t.lines()].at(-1) as Place;
    t.toggle(deepest);
    t.take(deepest, { nodes: [node('A')], next: null });
  }
  assert.deepEqual(shown(t), ['A', ' A', '  A', '   A']);
});
