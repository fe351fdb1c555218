import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patternsOf, queryOf, Rows, type Changes, type Present, type Filter } from './rows.ts';

const none: Filter = { device: '', match: '', quality: '', order: 'name' };

function answer(first: number, n: number, more: Partial<Changes> = {}): Changes {
  const info = (i: number) => ({ device: 'plc', tag: `t${i}`, unit: '', row: '', description: '' });
  return {
    cursor: 'c1', list: 'a', now: '2026-03-01T00:00:00Z', all: 5000, matching: 1000, good: 1000, uncertain: 0, bad: 0, first,
    tags: Array.from({ length: n }, (_, i) => info(first + i)),
    values: Array.from({ length: n }, (_, i) => [first + i, ...value(first + i)]),
    ...more,
  };
}

function value(v: number): Present {
  return [v, 'Good', null, null, '', '', ''];
}

test('what is typed is looked for anywhere in a name', () => {
  assert.deepEqual(patternsOf(' temp '), ['*temp*']);
  assert.deepEqual(patternsOf('pump flow'), ['*pump*flow*']);
  assert.deepEqual(patternsOf('plc/t* x'), ['plc/t*', 'x']);
  assert.deepEqual(patternsOf('temp !old !z?'), ['*temp*', '!*old*', '!z?']);
  assert.deepEqual(patternsOf('  ! '), []);
  assert.equal(queryOf({ device: 'a&b', match: 'x=1 !y', quality: 'bad', order: 'worst' }).toString(), 'device=a%26b&match=*x%3D1*&match=%21*y*&quality=bad&order=worst');
  assert.equal(queryOf(none).toString(), '');
});

test('rows that are not known are asked for with those around them, known ones with the cursor', () => {
  const r = new Rows(none);
  r.look(0, 19);
  assert.equal(r.path(), '/api/v1/changes?rows=0-139');
  r.take(answer(0, 140));
  assert.equal(r.look(0, 19), false);
  assert.equal(r.path(), '/api/v1/changes?rows=0-19');
  r.take(answer(0, 20, { cursor: 'c2' }));
  assert.equal(r.path(), '/api/v1/changes?rows=0-19&since=c2');
  assert.equal(r.look(990, 1015), true);
  assert.match(r.path(), /rows=920-1139$/);
  r.take(answer(920, 80));
  assert.equal(r.look(990, 1015), false, 'there are no more than 1000');
});

test('a change replaces a row and no other', () => {
  const r = new Rows(none);
  r.take(answer(0, 3));
  const [a, b] = [r.known.get(0), r.known.get(1)];
  r.take(answer(0, 0, { tags: null, values: [[1, ...value(7)]] }));
  assert.equal(r.known.get(0), a);
  assert.notEqual(r.known.get(1), b);
  assert.equal(r.known.get(1)?.now?.[0], 7);
  assert.equal(r.known.get(1)?.info.tag, 't1');
});

test('another list makes all that was known wrong', () => {
  const r = new Rows(none);
  r.take(answer(0, 30));
  r.take(answer(20, 5, { list: 'b' }));
  assert.equal(r.known.size, 5);
});

test('what is kept is bounded', () => {
  const r = new Rows(none);
  for (let at = 0; at < 30_000; at += 400) {
    r.look(at, at + 20);
    r.take(answer(at, 400, { matching: 30_000 }));
    assert.ok(r.known.size <= 4400, String(r.known.size));
    assert.ok(r.known.has(at), `row ${at} is seen and forgotten`);
  }
});
