// What the browser remembers of its user: theme and language. Without storage (private windows) it forgets.
import { useEffect, useState } from 'preact/hooks';

export function remembered(name: string): string | null {
  try {
    return localStorage.getItem(`tagbridge.${name}`);
  } catch {
    return null;
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`tagbridge.${name}`, value);
  } catch {
    // it forgets
  }
}

/** Cell holds a value that components follow. */
export class Cell<T> {
  private readonly followers = new Set<() => void>();
  constructor(private value: T) {}
  get(): T {
    return this.value;
  }
  set(value: T): void {
    if (value === this.value) return;
    this.value = value;
    for (const f of [...this.followers]) f();
  }
  follow(f: () => void): () => void {
    this.followers.add(f);
    return () => this.followers.delete(f);
  }
}

/** useCell is the value of c, anew whenever it changes. */
export function useCell<T>(c: Cell<T>): T {
  const [, again] = useState(0);
  useEffect(() => c.follow(() => again((n) => n + 1)), [c]);
  return c.get();
}
