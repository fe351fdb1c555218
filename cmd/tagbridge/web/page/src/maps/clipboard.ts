// Ranges of cells as spreadsheets put them on the clipboard: rows of cells separated by tabs, those with tabs, line ends or
// quotes in quotes.
import { harmless, plain } from './harmless.ts';

/** The cells of a range. Without a text there is none. */
export function parseRange(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let pos = 0;
  while (pos < text.length) {
    const quoted = text[pos] === '"' ? closed(text, pos) : -1;
    const end = quoted < 0 ? plainEnd(text, pos) : quoted;
    const cell = quoted < 0 ? text.slice(pos, end) : text.slice(pos + 1, end - 1).replaceAll('""', '"');
    row.push(plain(cell));
    pos = end;
    if (text[pos] === '\t') {
      pos++;
      if (pos === text.length) row.push('');
      continue;
    }
    pos += text.startsWith('\r\n', pos) ? 2 : 1;
    rows.push(row);
    row = [];
  }
  if (row.length > 0) rows.push(row);
  return rows;
}

/** Where the quoted cell that begins at pos ends; -1 when its quote is a sign like any other. */
function closed(text: string, pos: number): number {
  for (let i = text.indexOf('"', pos + 1); i >= 0; i = text.indexOf('"', i + 1)) {
    if (text[i + 1] === '"') i++;
    else return i + 1 === text.length || /[\t\r\n]/.test(text[i + 1] ?? '') ? i + 1 : -1;
  }
  return -1;
}

function plainEnd(text: string, pos: number): number {
  while (pos < text.length && !/[\t\r\n]/.test(text[pos] ?? '')) pos++;
  return pos;
}

/** A range for the clipboard: no spreadsheet computes it, and parseRange gives back what it was. */
export function formatRange(rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => {
    const safe = harmless(text);
    return /[\t\r\n"]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return rows.map((r) => r.map(cell).join('\t')).join('\r\n');
}
