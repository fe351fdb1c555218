// Remarks of the bridge in the language of the page, and where what they say is mended. English is what the bridge says.
import { href } from './router.ts';
import type { Remark, Status } from './status.ts';
import { grouped } from './number.ts';
import { language, t } from './text/index.ts';
import { remarks } from './text/remarks.ts';
import { howLong, parse, stamp } from './time.ts';

/** remarkText is a remark in the language of the page; what that has no words for is said as it came. */
export function remarkText(r: Remark, kind: 'part' | 'remark'): string {
  const words = remarks[language.get()]?.[kind];
  const text = words?.[plural(r)] ?? words?.[r.code];
  if (text === undefined) return r.text;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name === 'name' ? r.name : name in r.values ? valueOf(name, r.values[name]) : whole));
}

/** plural is the key of the form that the figures of r want. */
function plural(r: Remark): string {
  if (r.code === 'lost' && r.values['first'] === undefined) return 'lost.undated';
  return r.values['count'] === 1 ? `${r.code}.one` : r.code;
}

function valueOf(name: string, value: unknown): string {
  if (name.endsWith('_seconds')) return howLong(Number(value));
  if (name === 'first' || name === 'last') {
    const at = parse(String(value));
    return at ? stamp(at) : String(value);
  }
  return typeof value === 'number' ? grouped(value) : String(value);
}

/** verdictText is the verdict in the language of the page. */
export function verdictText(s: Status): string {
  if (!remarks[language.get()]) return s.verdict;
  return t(s.well ? 'overview.well' : 'overview.unwell', { parts: s.parts.map((p) => remarkText(p, 'part')).join(', ') });
}

/** remarkHref is where to look at what a remark is about; '' where there is no such place. */
export function remarkHref(r: Remark): string {
  switch (r.code) {
    case 'bad-tags':
      return href('values', { device: r.name, quality: 'bad' });
    case 'offline':
    case 'unanswered':
      return href('events', { device: r.name });
    case 'more-offline':
    case 'more-bad-tags':
      return href('values', { quality: 'bad' });
    case 'crowded':
    case 'stuck':
      return href('connections', { line: r.name });
    case 'takes-nothing':
    case 'behind':
    case 'falls-behind':
    case 'refuses':
    case 'lost':
    case 'rejected':
      return href('sinks', { sink: r.name });
    case 'gone':
    case 'isolated-keeps':
    case 'isolated-stops':
    case 'nats':
    case 'twin':
      return href('cluster');
    case 'read-twice':
    case 'unread':
    case 'unread-only':
      return href('cluster', { find: r.name });
    case 'configuration':
    case 'more-configuration':
      return href('maps');
    default:
      return '';
  }
}
