// Numbers as the server writes them. JavaScript's own have 53 bits: a counter of 64 would change its last digits, and
// 20.0 would become 20.

/** Numeral is a number that JavaScript would not print as it was written. It counts by valueOf and prints by toString. */
export class Numeral {
  constructor(readonly text: string) {}
  valueOf(): number {
    return Number(this.text);
  }
  toString(): string {
    return this.text;
  }
  toJSON(): number {
    return Number(this.text);
  }
}

/** Value is what a tag may have: null when it is bad. */
export type Value = null | boolean | number | string | Numeral | Value[] | { [name: string]: Value };

const mark = '\u0000number:';
const token = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const whole = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** parseExact is JSON.parse, but for numbers that would not be printed as they were written: those are Numerals. */
export function parseExact(text: string): unknown {
  let marked = false;
  const safe = text.replace(token, (t) => {
    if (t[0] === '"' || String(Number(t)) === t) return t;
    marked = true;
    return `"\\u0000number:${t}"`;
  });
  if (!marked) return JSON.parse(text);
  return JSON.parse(safe, (_, v: unknown) => {
    if (typeof v !== 'string' || !v.startsWith(mark)) return v;
    const number = v.slice(mark.length);
    return whole.test(number) ? new Numeral(number) : v;
  });
}

/** valueText is v for people: a number with its digits as they came, a text as it is, nothing for null. */
export function valueText(v: Value | undefined): string {
  if (v === null || v === undefined) return '';
  if (typeof v === 'string') return v;
  if (v instanceof Numeral || typeof v !== 'object') return String(v);
  return JSON.stringify(v);
}

/** isNumber reports a value that can be drawn. */
export function isNumber(v: Value | undefined): v is number | Numeral {
  return typeof v === 'number' || v instanceof Numeral;
}

/** grouped is a whole number with thin spaces between thousands, which no decimal mark of any language is. */
export function grouped(n: number): string {
  return String(Math.round(n)).replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f');
}

/** percent is a share, 0 to 1 and more, with no more digits than one reads. */
export function percent(share: number): string {
  const p = share * 100;
  return `${p !== 0 && Math.abs(p) < 10 ? p.toFixed(1) : Math.round(p)}\u202f%`;
}
