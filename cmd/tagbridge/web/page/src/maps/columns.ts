// The columns of a tag map. Their meanings are in the manual's reference of columns.

/** The columns that the program knows, in the order in which a map has them by habit: those that it says, once it has. */
export const columnNames: string[] = [
  'tag', 'address', 'element', 'type', 'order', 'poll', 'scale', 'offset', 'raw_min', 'raw_max', 'eng_min', 'eng_max',
  'clamp', 'min', 'max', 'invalid', 'enum', 'unit', 'report', 'deadband', 'heartbeat', 'enabled', 'description',
];

/** Columns whose cells are numbers, which may be written with a comma in files separated by semicolons. */
export const numberColumns: ReadonlySet<string> = new Set([
  'scale', 'offset', 'raw_min', 'raw_max', 'eng_min', 'eng_max', 'min', 'max', 'deadband',
]);

/** What one may choose from in a column; other texts are possible only where the set is open. */
export const choices: ReadonlyMap<string, readonly string[]> = new Map([
  ['type', ['bool', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64', 'float16', 'float32', 'float64', 'string:', 'bcd8', 'bcd16', 'bcd32', 'int24', 'uint24', 'int48', 'uint48', 'sm16', 'sm32', 'bits:', 'mod10k:', 'chars:', 'datetime:epoch', 'datetime:epoch_ms', 'datetime:iec', 'datetime:six', 'datetime:bcd', 'datetime:packed']],
  ['order', ['ABCD', 'CDAB', 'BADC', 'DCBA']],
  ['clamp', ['none', 'low', 'high', 'both']],
  ['report', ['all', 'change', 'none']],
  ['enabled', ['true', 'false']],
]);

/** A column as /api/v1/columns has it. */
export interface Column {
  column: string;
  default: { text: string }[];
  meaning: { text: string }[];
}

const meanings = new Map<string, { standard: string; meaning: string }>();

/** Takes what the bridge says that columns there are, and what they mean. */
export function learnColumns(list: readonly Column[]): void {
  const plain = (parts: { text: string }[]) => parts.map((p) => p.text).join('');
  for (const c of list) {
    meanings.set(c.column, { standard: plain(c.default), meaning: plain(c.meaning) });
    if (c.column !== 'label.X' && !columnNames.includes(c.column)) columnNames.push(c.column);
  }
}

/** What is known of a column; those that begin with label. mean the same. */
export function knownOf(name: string): { standard: string; meaning: string } | undefined {
  return meanings.get(name.startsWith('label.') ? 'label.X' : name.toLowerCase());
}
