// A panel at the side that explains a row; Escape closes it, and the focus goes back to where it was.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../text/index.ts';

/** Drawer covers what it explains; beside: it leaves that to be worked on where there is room. */
export function Drawer({ title, close, beside, children }: { title: string; close: () => void; beside?: boolean; children?: ComponentChildren }) {
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    panel.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  useEffect(() => {
    // The focus is nowhere when the button that had it is gone, as after it has done its work.
    const lost = (e: KeyboardEvent) => e.key === 'Escape' && document.activeElement === document.body && close();
    document.addEventListener('keydown', lost);
    return () => document.removeEventListener('keydown', lost);
  }, [close]);
  const key = (e: KeyboardEvent) => {
    if (e.key !== 'Escape') return;
    e.stopPropagation();
    close();
  };
  return (
    <aside class={beside ? 'drawer beside' : 'drawer'} ref={panel} tabIndex={-1} aria-label={title} onKeyDown={key}>
      <header>
        <h2>{title}</h2>
        <button class="plain" aria-label={t('common.close')} onClick={close}>
          ✕
        </button>
      </header>
      <div class="inside">{children}</div>
    </aside>
  );
}
