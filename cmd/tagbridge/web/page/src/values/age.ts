// How old a value is, by the bridge's clock.
import type { Rows } from './rows.ts';
import { howLong, parse } from '../time.ts';

/** ageOf is how long ago that was; '' when it never was. */
export function ageOf(time: string | null | undefined, rows: Rows): string {
  const at = parse(time);
  return at ? howLong((Date.now() + rows.ahead - at.getTime()) / 1000) : '';
}
