// Drafts are kept in the browser, so that a reload of the page, a closed tab or a computer that is switched off loses none.

/** What is kept of a draft. */
export interface Kept {
  readonly etag: string; // of the file that it was made of
  readonly base: string;
  readonly text: string;
  readonly time: number; // when it was changed last
}

// What browsers let a page keep is some five million characters.
const longest = 4_500_000;
const prefix = 'tagbridge.draft.';

/** Keeps a draft; false when it is too large, or the browser keeps nothing. */
export function keep(file: string, kept: Kept): boolean {
  try {
    const text = JSON.stringify(kept);
    if (text.length > longest) throw new Error('too large');
    localStorage.setItem(prefix + file, text);
    return true;
  } catch {
    forget(file);
    return false;
  }
}

export function forget(file: string): void {
  try {
    localStorage.removeItem(prefix + file);
  } catch {
    // it keeps nothing
  }
}

export function recall(file: string): Kept | undefined {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(prefix + file) ?? '');
    return isKept(kept) ? kept : undefined;
  } catch {
    return undefined;
  }
}

function isKept(x: unknown): x is Kept {
  const k = x as Kept;
  return typeof k === 'object' && k !== null && [k.etag, k.base, k.text].every((t) => typeof t === 'string') && typeof k.time === 'number';
}

/** The files that have drafts. */
export function keptFiles(): string[] {
  try {
    return Object.keys(localStorage).filter((k) => k.startsWith(prefix)).map((k) => k.slice(prefix.length));
  } catch {
    return [];
  }
}

/** Calls f when another tab of this browser changes a draft. */
export function onOtherTab(f: (file: string) => void): () => void {
  const heard = (e: StorageEvent) => e.key?.startsWith(prefix) && f(e.key.slice(prefix.length));
  addEventListener('storage', heard);
  return () => removeEventListener('storage', heard);
}
