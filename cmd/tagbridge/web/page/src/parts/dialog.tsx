// A question that has to be answered first.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** Dialog is there for as long as it is rendered. Escape and a click beside it call close. */
export function Dialog({ title, close, children }: { title: string; close: () => void; children?: ComponentChildren }) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const d = box.current;
    if (d && !d.open) d.showModal();
    return () => d?.close();
  }, []);
  const cancel = (e: Event) => {
    e.preventDefault();
    close();
  };
  return (
    <dialog ref={box} aria-label={title} onCancel={cancel} onClick={(e) => e.target === box.current && close()}>
      <div class="inside">
        <h2>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}
