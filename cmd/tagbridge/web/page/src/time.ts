// Times in the zone of the browser, and durations as people say them.
import { t } from './text/index.ts';

/** zone is the browser's, such as Europe/Berlin. */
export function zone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

/** zoneShort is how far it is from UTC on that day, such as UTC+2. */
export function zoneShort(at: Date = new Date()): string {
  const minutes = -at.getTimezoneOffset();
  if (minutes === 0) return 'UTC';
  const m = Math.abs(minutes);
  const rest = m % 60 === 0 ? '' : `:${String(m % 60).padStart(2, '0')}`;
  return `UTC${minutes < 0 ? '−' : '+'}${Math.floor(m / 60)}${rest}`;
}

const two = (n: number) => String(n).padStart(2, '0');

/** clock is 14:03:07. */
export function clock(at: Date): string {
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** day is 2026-03-01, which is read alike in every country. */
export function day(at: Date): string {
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** stamp is the time alone when it is today, else with its day. */
export function stamp(at: Date, now: Date = new Date()): string {
  return day(at) === day(now) ? clock(at) : `${day(at)} ${clock(at)}`;
}

/** whole is day, time and zone, for titles and prints. */
export function whole(at: Date): string {
  return `${day(at)} ${clock(at)} ${zoneShort(at)}`;
}

/** parse reads a time of the API; null stays null, and so does what is none. */
export function parse(text: string | null | undefined): Date | null {
  if (!text) return null;
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? null : at;
}

/** howLong is a number of seconds in two units at most, as tagbridge status prints it. */
export function howLong(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return t('time.s', { s });
  if (s < 3600) return t('time.min', { min: Math.floor(s / 60), s: s % 60 });
  if (s < 48 * 3600) return t('time.h', { h: Math.floor(s / 3600), min: Math.floor((s % 3600) / 60) });
  return t('time.d', { d: Math.floor(s / 86400), h: Math.floor((s % 86400) / 3600) });
}

/** age is how long ago at was. */
export function age(at: Date, now: Date = new Date()): string {
  return howLong((now.getTime() - at.getTime()) / 1000);
}
