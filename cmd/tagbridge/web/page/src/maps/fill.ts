// Fills rows below others: the same texts again, or a series: pump1, pump2; 40001, 40003.

/** The cells below given ones of a column, count of them. step is that of a single one; of several it is their own. */
export function series(given: readonly string[], count: number, step = 1): string[] {
  const made: string[] = [];
  const first = given[given.length - 1] ?? '';
  const by = given.length > 1 ? stepOf(given[given.length - 2] ?? '', first) : step;
  if (by === undefined) {
    for (let i = 0; i < count; i++) made.push(given[i % given.length] ?? '');
    return made;
  }
  for (let i = 1; i <= count; i++) made.push(advance(first, by * i));
  return made;
}

const dates: Readonly<Record<string, number>> = {
  'datetime:epoch': 2, 'datetime:epoch_ms': 4, 'datetime:iec': 4, 'datetime:six': 6, 'datetime:bcd': 3, 'datetime:packed': 3,
};

/** How many registers a value of a type takes. */
export function registers(type: string): number {
  const bits = /^(?:u?int|float|bcd|sm|bits:)(\d+)$/.exec(type)?.[1];
  if (bits) return Math.max(1, Math.ceil(Number(bits) / 16));
  const length = /^(?:mod10k|chars):(\d+)$/.exec(type)?.[1];
  if (length) return Math.max(1, Number(length));
  const bytes = /^string:(\d+)$/.exec(type)?.[1];
  return bytes ? Math.max(1, Math.ceil(Number(bytes) / 2)) : (dates[type] ?? 1);
}

/** text with the last number in it raised by n, zeros before it kept. A bit of a register leads to the next register. */
export function advance(text: string, n: number): string {
  const bit = /^(.*?)(0x[\da-f]+|\d+)\.(b?)(\d+)$/i.exec(text);
  if (bit && (bit[3] === 'b' || /:/.test(text))) {
    const [, head = '', register = '', b = '', number = ''] = bit;
    const all = Number(number) + n;
    return `${advance(head + register, Math.floor(all / 16))}.${b}${((all % 16) + 16) % 16}`;
  }
  const [head, tail] = parts(text);
  const found = /(0x)([\da-f]+)(?![\da-f])(?!.*\d)|(\d+)(?!.*\d)/i.exec(tail);
  if (!found) return text;
  const [whole, hex, hexDigits, digits] = found;
  const old = hexDigits ?? digits ?? '';
  const value = BigInt(hex ? `0x${old}` : old) + BigInt(n);
  if (value < 0n) return text;
  const made = value.toString(hex ? 16 : 10).padStart(old.startsWith('0') ? old.length : 0, '0');
  const cased = hex && /[A-F]/.test(old) ? made.toUpperCase() : made;
  return head + tail.slice(0, found.index) + (hex ?? '') + cased + tail.slice(found.index + whole.length);
}

/** The number of a namespace is none that is counted. */
function parts(text: string): [string, string] {
  const at = /^(ns=\d+;|nsu=[^;]*;)/.exec(text)?.[0].length ?? 0;
  return [text.slice(0, at), text.slice(at)];
}

/** By what b is above a, when that is all that differs. */
function stepOf(a: string, b: string): number | undefined {
  if (a === b) return /\d/.test(parts(a)[1]) ? undefined : 0;
  const [x, y] = [lastNumber(a), lastNumber(b)];
  if (x === undefined || y === undefined) return undefined;
  for (const step of [y - x, (y - x + 16) % 16]) if (advance(a, step) === b) return step;
  return undefined;
}

function lastNumber(text: string): number | undefined {
  const found = /0x([\da-f]+)(?!.*\d)|(\d+)(?!.*\d)/i.exec(parts(text)[1]);
  if (!found) return undefined;
  const n = found[1] ? parseInt(found[1], 16) : Number(found[2]);
  return Number.isSafeInteger(n) ? n : undefined;
}
