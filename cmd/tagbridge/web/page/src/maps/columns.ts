// The columns of a tag map. Their meanings are in the manual's reference of columns.

/** The columns that the program knows, in the order in which a map has them by habit. */
export const columnNames: readonly string[] = [
  'tag', 'address', 'element', 'type', 'order', 'poll', 'scale', 'offset', 'raw_min', 'raw_max', 'eng_min', 'eng_max',
  'clamp', 'min', 'max', 'invalid', 'enum', 'unit', 'report', 'deadband', 'heartbeat', 'enabled', 'description',
];

/** Columns whose cells are numbers, which may be written with a comma in files separated by semicolons. */
export const numberColumns: ReadonlySet<string> = new Set([
  'scale', 'offset', 'raw_min', 'raw_max', 'eng_min', 'eng_max', 'min', 'max', 'deadband',
]);

/** What one may choose from in a column; other texts are possible only where the set is open. */
export const choices: ReadonlyMap<string, readonly string[]> = new Map([
  ['type', ['bool', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64', 'float16', 'float32', 'float64', 'string:', 'bcd16', 'bcd32']],
  ['order', ['ABCD', 'CDAB', 'BADC', 'DCBA']],
  ['clamp', ['none', 'low', 'high', 'both']],
  ['report', ['all', 'change']],
  ['enabled', ['true', 'false']],
]);

/** The meanings of columns, by name, from the manual's reference: a table of column, default and meaning. */
export function readMeanings(reference: string): Map<string, { standard: string; meaning: string }> {
  const meanings = new Map<string, { standard: string; meaning: string }>();
  for (const line of reference.split('\n')) {
    const cells = line.split(/(?<!\\)\|/).map((c) => c.trim().replaceAll('\\|', '|'));
    const name = /^`([^`]+)`$/.exec(cells[1] ?? '')?.[1];
    if (name && cells.length >= 5) meanings.set(name, { standard: cells[2] ?? '', meaning: cells[3] ?? '' });
  }
  return meanings;
}
