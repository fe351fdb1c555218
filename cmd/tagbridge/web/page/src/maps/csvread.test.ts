import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { columnNames } from './columns.ts';
import { cellsOf, readCsv, trim, type Read } from './csvread.ts';
import { harmless, plain } from './harmless.ts';
import { casesFile } from './testcases.ts';

interface Case {
  name: string;
  text: string;
  separator?: string;
  header?: string[];
  line?: number;
  rows?: { line: number; cells: string[] }[];
}

const cases = JSON.parse(readFileSync(casesFile, 'utf8')) as { maps: Case[]; harmless: [string, string, string][] };

function shown(read: Read): Case['rows'] {
  let line = 1;
  const rows: { line: number; cells: string[]; kind: string }[] = [];
  for (const l of read.lines) {
    const cells = l.kind === 'row' || l.kind === 'header' ? cellsOf(l, read.separator).map((c) => trim(plain(c.text))) : [];
    rows.push({ line, cells, kind: l.kind });
    const ends = l.raw.match(/\r\n|\r|\n/g)?.length ?? 0;
    line += ends;
  }
  return rows.filter((r) => r.kind === 'row').map(({ line, cells }) => ({ line, cells }));
}

for (const c of cases.maps) {
  test(`reads as the bridge does: ${c.name}`, () => {
    const read = readCsv(c.text, (name) => columnNames.includes(name));
    assert.equal(read.lines.map((l) => l.raw).join(''), c.text);
    assert.equal(read.header >= 0, c.header !== undefined);
    if (!c.header) return;
    assert.equal(read.separator, c.separator);
    const header = read.lines[read.header];
    assert.ok(header);
    assert.deepEqual(cellsOf(header, read.separator).map((x) => trim(plain(x.text))), c.header);
    assert.deepEqual(shown(read), c.rows ?? []);
  });
}

test('texts that spreadsheets would compute', () => {
  for (const [text, wantHarmless, wantPlain] of cases.harmless) {
    assert.equal(harmless(text), wantHarmless, JSON.stringify(text));
    assert.equal(plain(text), wantPlain, JSON.stringify(text));
  }
});

test('a run of blanks costs no more than its length', () => {
  assert.equal(trim(`a${' '.repeat(200_000)}b`).length, 200_002);
});
