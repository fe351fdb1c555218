import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { columnNames } from './columns.ts';
import { trim } from './csvread.ts';
import { CsvText, EditFault, type Splice } from './csvtext.ts';
import { casesFile } from './testcases.ts';

const known = (name: string) => columnNames.includes(name);
const texts = (JSON.parse(readFileSync(casesFile, 'utf8')) as { maps: { name: string; text: string }[] }).maps;
const hostile = ['', 'a', '=1+1', '-5', '#x', '"', '""', 'a"b', 'a,b;c\td', 'two\nlines', 'two\r\nlines', "'", "'=a", "''", ' blanks ', '0,5', '\ud83d\ude00', '<b>', '#N/A', 'sep=;', '\u00a0', '\u202e'];

function read(text: string): CsvText {
  const map = CsvText.read(text, known);
  assert.ok(map);
  return map;
}

/** random is the same sequence in every run. */
function random(seed: number): (below: number) => number {
  let x = seed;
  return (below) => {
    x = (x * 1103515245 + 12345) % 2147483648;
    return Math.floor((x / 2147483648) * below);
  };
}

function set(map: CsvText, line: number, column: number, text: string): Splice {
  return map.setting(new Map([[line, new Map([[column, text]])]]));
}

/** sameAsRead holds the lines and cells of a map that was edited against those of its text. */
function sameAsRead(map: CsvText, why: string): void {
  const again = read(map.text());
  assert.equal(again.length, map.length, why);
  for (let i = 0; i < map.length; i++) {
    assert.deepEqual(again.line(i), map.line(i), why);
    assert.deepEqual(again.cells(i), map.cells(i), why);
  }
}

test('one edit changes one span, and is read back', () => {
  let [all, refused] = [0, 0];
  for (const c of texts) {
    const map = CsvText.read(c.text, known);
    if (!map) continue;
    for (let i = 0; i < map.length; i++) {
      if (!['row', 'blank'].includes(map.line(i).kind) || i < map.header) continue;
      const cells = map.cells(i);
      const columns = [...cells.keys(), cells.length + 1].filter((n) => n < 6);
      for (const [column, text] of columns.flatMap((n) => hostile.map((h) => [n, h] as const))) {
        const why = `${c.name}: line ${i}, column ${column} = ${JSON.stringify(text)}`;
        const edit = tried(() => set(map, i, column, text));
        all++;
        if (!edit) {
          refused++;
          continue;
        }
        const before = map.text();
        map.apply(edit);
        oneSpan(map, before, i, why);
        const want = cells.slice();
        while (want.length <= column && trim(text) !== '') want.push('');
        if (column < want.length) want[column] = trim(text);
        if (map.line(i).kind !== 'comment') assert.deepEqual(map.cells(i), want, why);
        sameAsRead(map, why);
        map.revert(edit);
        assert.equal(map.text(), before, why);
      }
    }
  }
  assert.ok(all > 5_000 && refused < all / 20, `${refused} of ${all} are refused`);
});

/** tried is an edit; undefined when it is refused for a reason. */
function tried(f: () => Splice): Splice | undefined {
  try {
    return f();
  } catch (err) {
    assert.ok(err instanceof EditFault, String(err));
    return undefined;
  }
}

function oneSpan(map: CsvText, before: string, i: number, why: string): void {
  const above = Array.from({ length: i }, (_, n) => map.line(n).raw).join('');
  const below = Array.from({ length: map.length - i - 1 }, (_, n) => map.line(i + 1 + n).raw).join('');
  assert.ok(before.startsWith(above) && before.endsWith(below), why);
}

test('a cell is replaced in its place, and nothing beside it', () => {
  for (const [text, column, value, want] of [
    ['tag,address , unit\n  a ,  "40001" ,x', 0, 'b', 'tag,address , unit\n  b ,  "40001" ,x'],
    ['tag,address , unit\n  a ,  "40001" ,x', 1, '7', 'tag,address , unit\n  a ,  "7" ,x'],
    ['tag,address , unit\n  a ,  "40001" ,x', 1, '', 'tag,address , unit\n  a ,   ,x'],
    ['tag;address;scale\r\na;1;"0,5"\r\n', 2, '0,25', 'tag;address;scale\r\na;1;"0,25"\r\n'],
    ['tag;address;scale\r\na;1\r\n', 2, '0,25', 'tag;address;scale\r\na;1;0,25\r\n'],
    ['tag,address\na,1', 3, 'x', 'tag,address\na,1,,x'],
    ['tag,address\na,1', 0, 'say "x", y', 'tag,address\n"say ""x"", y",1'],
    ['tag,address\na,1', 0, '=A1', "tag,address\n'=A1,1"],
    ['tag,address,unit\n"a"b,1,x', 0, 'c', 'tag,address,unit\n"c",1,x'],
    ['tag\taddress\nx\t1\n', 0, '', 'tag\taddress\n\t1\n'],
  ] as const) {
    const map = read(text);
    map.apply(set(map, 1, column, value));
    assert.equal(map.text(), want);
  }
});

test('in a file separated by tabs no edit makes a comment of a row', () => {
  const map = read('tag\taddress\tx_note\na\t1\t#c\n');
  map.apply(map.setting(new Map([[1, new Map([[0, ''], [1, '']])]])));
  assert.deepEqual(map.cells(1), ['', '', '#c']);
  sameAsRead(map, 'tabs');
});

test('rows are added with the line end of the file, and where there is none at its end none comes', () => {
  const map = read('tag;address;unit\r\na;1;x');
  map.apply(map.inserting(2, [['b', '2'], ['c;', '3', '°C']]));
  assert.equal(map.text(), 'tag;address;unit\r\na;1;x\r\nb;2;\r\n"c;";3;°C');
  map.apply(map.inserting(2, [[]]));
  assert.equal(map.text(), 'tag;address;unit\r\na;1;x\r\n;;\r\nb;2;\r\n"c;";3;°C');
  map.apply(map.removing(1, 2));
  assert.equal(map.text(), 'tag;address;unit\r\nb;2;\r\n"c;";3;°C');
  const alone = read('tag,address');
  alone.apply(alone.inserting(1, [['a', '1']]));
  assert.equal(alone.text(), 'tag,address\na,1');
});

test('a column is added after the others, or where one has no name and no cells', () => {
  for (const [text, want] of [
    ['tag,address\na,1\n', 'tag,address,poll\na,1\n'],
    ['tag;address;;\na;1;;\n', 'tag;address;poll;\na;1;;\n'],
    ['tag;address;;\na;1;x;\n', 'tag;address;;poll\na;1;x;\n'],
  ] as const) {
    const map = read(text);
    map.apply(map.addingColumn('poll'));
    assert.equal(map.text(), want);
  }
});

test('a quote that is never closed is mended before quotes come below it', () => {
  const map = read('tag,address\n"a,1\nb,2\n');
  assert.throws(() => set(map, 2, 0, 'x,y'), (err) => err instanceof EditFault && err.reason === 'unclosedQuote' && err.line === 1);
  map.apply(set(map, 2, 0, 'plain'));
  const mended = set(map, 1, 0, 'a');
  map.apply(mended);
  const quoted = set(map, 2, 0, 'x,y');
  map.apply(quoted);
  assert.equal(map.text(), 'tag,address\na,1\n"x,y",2\n');
  map.revert(quoted);
  map.revert(mended);
  assert.throws(() => set(map, 2, 0, 'x,y'), EditFault);
});

test('a comment is edited as a line, and becomes a row without its sign', () => {
  const map = read('tag,address\n# a,1\nb,2');
  assert.throws(() => map.rewriting(1, 'two\nlines'), EditFault);
  assert.throws(() => map.rewriting(1, '"open'), EditFault);
  map.apply(map.rewriting(1, 'a,1'));
  map.apply(map.rewriting(2, '#b,2'));
  assert.equal(map.text(), 'tag,address\na,1\n#b,2');
  assert.deepEqual([map.line(1).kind, map.line(2).kind], ['row', 'comment']);
});

test('random edits leave a map that is read as it is shown, and undone in order leave it as it was', () => {
  for (const [n, c] of texts.entries()) {
    const map = CsvText.read(c.text, known);
    if (!map) continue;
    const next = random(n + 1);
    const done: Splice[] = [];
    for (let k = 0; k < 25; k++) {
      const edit = tried(() => randomEdit(map, next));
      if (!edit) continue;
      map.apply(edit);
      done.push(edit);
      sameAsRead(map, `${c.name}, edit ${k}`);
    }
    for (const edit of done.reverse()) map.revert(edit);
    assert.equal(map.text(), c.text);
  }
});

function randomEdit(map: CsvText, next: (below: number) => number): Splice {
  const first = map.header + 1;
  const line = first + next(Math.max(1, map.length - first));
  const word = () => hostile[next(hostile.length)] ?? '';
  switch (next(5)) {
    case 0:
      return map.inserting(Math.min(line, map.length), [[word(), word()], [word()]]);
    case 1:
      return map.removing(line, 1 + next(2));
    case 2:
      return map.addingColumn('x_more');
    case 3:
      return line < map.length && map.line(line).kind === 'comment' ? map.rewriting(line, word()) : map.inserting(map.length, [[word()]]);
    default:
      if (line >= map.length || map.line(line).kind === 'comment') return map.removing(line, 1);
      return map.setting(new Map([[line, new Map([[next(4), word()], [next(4), word()]])]]));
  }
}

test('a place of a problem is a column', () => {
  const map = read('tag,address,unit\n"a\r\n😀b",😀1,"x"\n');
  assert.equal(map.columnAt(1, 0, 1), 0);
  assert.equal(map.columnAt(1, 1, 3), 0);
  assert.equal(map.columnAt(1, 1, 5), 1);
  assert.equal(map.columnAt(1, 1, 8), 2);
  assert.equal(map.columnAt(1, 1, 99), 2);
  assert.deepEqual([...map.numbers()], [1, 2]);
});
