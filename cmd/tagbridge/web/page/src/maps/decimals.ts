// Decimal commas: in files separated by semicolons they stay, elsewhere they become points. A separator of thousands is
// never guessed away: it stays as it was typed, and the check says that it is a problem.

type Cell = { column: string; text: string };

const inWords = new Set(['poll', 'heartbeat', 'deadband']);
const oneComma = /^([+-]?\d+),(\d+)((?:[eE][+-]?\d+)?\s*(?:%|[a-zµμ]+)?)$/;
const mayBeThousands = /^[+-]?[1-9]\d{0,2},\d{3}(?!\d)/;

/** What the numbers of a range say about their commas: true when one of them is a decimal mark without doubt. */
export function hasDecimalCommas(cells: Iterable<Cell>, numbers: ReadonlySet<string>): boolean {
  let found = false;
  for (const { column, text } of cells) {
    if (!numbers.has(column)) continue;
    if (/\d\.\d/.test(text) && !/^[+-]?\d{1,3}(\.\d{3})+(,|$)/.test(text)) return false; // points are: commas are of thousands
    if (oneComma.test(text.trim()) && !mayBeThousands.test(text.trim())) found = true;
  }
  return found;
}

/** The text of a cell with a point where it has a decimal comma; decimal: hasDecimalCommas of its range. */
export function withPoint(cell: Cell, decimal: boolean, numbers: ReadonlySet<string>): string {
  if (!numbers.has(cell.column) && !inWords.has(cell.column)) return cell.text;
  const text = cell.text.trim();
  if (!oneComma.test(text) || (!decimal && mayBeThousands.test(text))) return cell.text;
  return text.replace(oneComma, '$1.$2$3');
}
