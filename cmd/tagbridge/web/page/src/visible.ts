// Characters that are not seen turn the words around them: a device whose name begins with U+202E would have the rest of its
// sentence read backwards. What a view shows has a visible sign in their place.
import { options, type VNode } from 'preact';

// Controls but tab and line feed, marks and overrides of direction, the separators of lines, the byte order mark.
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** visible is text with a sign for each character that is not seen. */
export function visible(text: string): string {
  return text.replace(unseen, (c) => {
    const code = c.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`;
  });
}

function shown(child: unknown): unknown {
  if (typeof child === 'string') return visible(child);
  return Array.isArray(child) ? child.map(shown) : child;
}

/** showUnseen has all text of all views shown so. */
export function showUnseen(): void {
  const before = options.vnode;
  options.vnode = (v: VNode) => {
    if (typeof v.type === 'string') {
      const props = v.props as { children?: unknown; title?: unknown };
      if (props.children !== undefined) props.children = shown(props.children);
      if (typeof props.title === 'string') props.title = visible(props.title);
    }
    before?.(v);
  };
}
