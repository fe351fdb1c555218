// What is shown where there is nothing.
import type { ComponentChildren } from 'preact';

export function Empty({ children }: { children?: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}
