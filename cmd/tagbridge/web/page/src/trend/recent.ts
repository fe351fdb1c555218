// The tags that were looked at last, kept in this browser: what an empty trend offers.
import { remember, remembered } from '../store.ts';

const most = 8;
const longest = 300; // characters of a name that is kept

/** recent are the names of the tags that were looked at last, the latest first. */
export function recent(): string[] {
  try {
    const kept: unknown = JSON.parse(remembered('recent') ?? '[]');
    return Array.isArray(kept) ? kept.filter(isName).slice(0, most) : [];
  } catch {
    return [];
  }
}

/** lookedAt puts names before those of earlier. */
export function lookedAt(names: readonly string[]): void {
  const list = [...new Set([...names.filter(isName), ...recent()])].slice(0, most);
  remember('recent', JSON.stringify(list));
}

const isName = (n: unknown): n is string => typeof n === 'string' && n.length <= longest && /^[^/]+\/./.test(n);
