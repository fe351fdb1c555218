// The apostrophe that keeps spreadsheets from computing a text, as mapping/source puts it before cells and takes it off.

/** Text as a cell that no spreadsheet computes. */
export function harmless(text: string): string {
  return isFormula(text) || plain(text) !== text || text.startsWith("''") ? "'" + text : text;
}

/** The text of a cell without the apostrophe that harmless put before it. */
export function plain(cell: string): string {
  const rest = cell.slice(1);
  return cell.startsWith("'") && (isFormula(rest) || rest.startsWith("'")) ? rest : cell;
}

/** Reports a text that a spreadsheet would compute. */
function isFormula(text: string): boolean {
  return /^[=+\-@\t\r]/.test(text) && !isFloat(text);
}

// What Go's strconv.ParseFloat takes with a sign before it: _ may be between digits.
const decimal = /^[+-](\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const hexadecimal = /^[+-]0x([\da-f]+\.?[\da-f]*|\.[\da-f]+)p[+-]?\d+$/i;

function isFloat(text: string): boolean {
  if (/^[+-](inf|infinity)$/i.test(text)) return true;
  const hex = /^.0x/i.test(text);
  if ((hex ? /(?<![\da-fx])_|_(?![\da-f])/i : /(?<!\d)_|_(?!\d)/).test(text)) return false;
  const bare = text.replaceAll('_', '');
  return hex ? hexadecimal.test(bare) : decimal.test(bare) && Number.isFinite(Number(bare));
}
