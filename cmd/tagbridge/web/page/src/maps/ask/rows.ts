// Rows of a map, on their way to a device and back from one.
import { columnNames, numberColumns } from '../columns.ts';
import type { Line } from '../csvread.ts';
import { withPoint } from '../decimals.ts';
import type { MapDraft } from '../mapdraft.ts';
import { indices } from '../seen.ts';
import type { Range } from '../selection.ts';
import type { Cells } from './api.ts';

/** How many rows are read at a time; the bridge takes no more. */
export const mostRows = 200;

/** A row that is to be read. */
export interface Asked {
  line: Line;
  number: number;
  tag: string;
  cells: Cells;
}

/** The rows of a range that can be read: those with an address. */
export function rowsToRead(table: MapDraft, range: Range): Asked[] {
  const asked: Asked[] = [];
  for (const row of indices(range.top, Math.min(range.bottom, table.rows - 1))) {
    const cells = cellsOf(table, row);
    if (cells['address']) asked.push({ line: table.line(row), number: table.number(row), tag: cells['tag'] ?? '', cells });
  }
  return asked.slice(0, mostRows);
}

/** The cells of a row by column, but for those that are ignored, or are labels; numbers with a point. */
function cellsOf(table: MapDraft, row: number): Cells {
  if (table.line(row).kind !== 'row') return {};
  const cells: Cells = {};
  const texts = table.cells(row);
  for (const [n, name] of table.columns.entries()) {
    const column = name.toLowerCase();
    const text = texts[n] ?? '';
    if (text === '' || !columnNames.includes(column)) continue;
    cells[column] = table.map.separator === ';' ? withPoint({ column, text }, true, numberColumns) : text;
  }
  return cells;
}

const longest = 100; // characters of a name that is made

/** A name that a tag may have, of any text: the rules of the column tag. */
export function legal(name: string): string {
  const levels = name
    .replace(/[\u0000-\u001f\u007f-\u009f\u200b\u2028-\u202e\u2060-\u2069]/g, ' ')
    .replace(/[+#]/g, '-')
    .split('/')
    .map((l) => l.trim().replace(/^[_$=@+-]+/, '').trim())
    .filter((l) => l !== '');
  const text = [...levels.join('/')].slice(0, longest).join('').replace(/[/ ]+$/, '');
  const safe = text.replace(/\.(quality|text)$/i, '_$1');
  return safe === '' || safe.toLowerCase() === 'time' ? `${safe}value`.replace('timevalue', 'time_value') : safe;
}

/** That name, or the first with a number that is none of taken, which has it from then on. */
export function unique(name: string, taken: Set<string>): string {
  let made = name;
  for (let n = 2; taken.has(made); n++) made = `${name}_${n}`;
  taken.add(made);
  return made;
}

/** Rows with names that are legal and unique among those of the map. */
export function named(table: MapDraft, rows: readonly Cells[]): ReadonlyMap<string, string>[] {
  const taken = new Set(indices(0, table.rows - 1).map((row) => table.tag(row)).filter((tag) => tag !== ''));
  return rows.map((cells) => new Map(Object.entries({ ...cells, tag: unique(legal(cells['tag'] ?? ''), taken) })));
}

/** What somebody typed apart by blanks, commas or semicolons. */
export function parts(text: string): string[] {
  return text.split(/[\s,;]+/).filter((v) => v !== '');
}

/** Reports a number as displays show it, with a decimal comma or point. */
export function isNumber(text: string): boolean {
  return /^[+-]?(\d+([.,]\d*)?|[.,]\d+)$/.test(text);
}
