import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, moved, rangeOf } from './selection.ts';

const size = { rows: 10, columns: 4, page: 3 };
const press = (s: ReturnType<typeof at>, key: string, more = '') => moved(s, { key, shift: more.includes('s'), ctrl: more.includes('c') }, size);

test('keys move the active cell and stop at the edges', () => {
  for (const [key, more, row, column] of [
    ['ArrowDown', '', 3, 1], ['ArrowUp', '', 1, 1], ['ArrowLeft', '', 2, 0], ['ArrowRight', '', 2, 2], ['PageDown', '', 5, 1], ['PageUp', '', 0, 1],
    ['Home', '', 2, 0], ['End', '', 2, 3], ['Home', 'c', 0, 0], ['End', 'c', 9, 3], ['ArrowDown', 'c', 9, 1], ['ArrowUp', 'c', 0, 1],
  ] as const) {
    assert.deepEqual(press(at(2, 1), key, more), at(row, column), key + more);
  }
  assert.deepEqual(press(at(9, 3), 'ArrowDown'), at(9, 3));
  assert.equal(press(at(0, 0), 'x'), undefined);
});

test('with Shift a range grows and shrinks from the active cell', () => {
  let s = at(5, 2);
  for (const key of ['ArrowUp', 'ArrowUp', 'ArrowLeft', 'ArrowDown']) s = press(s, key, 's') ?? s;
  assert.deepEqual(rangeOf(s), { top: 4, left: 1, bottom: 5, right: 2 });
  assert.deepEqual(s.active, { row: 5, column: 2 });
  assert.deepEqual(rangeOf(press(s, ' ', 's') ?? s), { top: 4, left: 0, bottom: 5, right: 3 });
  assert.deepEqual(rangeOf(press(s, ' ', 'c') ?? s), { top: 0, left: 1, bottom: 9, right: 2 });
  assert.deepEqual(rangeOf(press(s, 'a', 'c') ?? s), { top: 0, left: 0, bottom: 9, right: 3 });
});
