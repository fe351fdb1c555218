// Short messages that go by themselves; errors stay until they are closed.
import { Cell, useCell } from '../store.ts';
import { t } from '../text/index.ts';

interface Toast {
  id: number;
  kind: 'good' | 'bad';
  text: string;
}

const shown = new Cell<readonly Toast[]>([]);
const seconds = 6;
let last = 0;

/** toast shows text. What is bad stays until it is closed. */
export function toast(text: string, kind: Toast['kind'] = 'good'): void {
  const id = ++last;
  shown.set([...shown.get().slice(-4), { id, kind, text }]);
  if (kind === 'good') setTimeout(() => close(id), seconds * 1000);
}

function close(id: number): void {
  shown.set(shown.get().filter((x) => x.id !== id));
}

export function Toasts() {
  const list = useCell(shown);
  return (
    <div class="toasts" role="log" aria-live="polite">
      {list.map((x) => (
        <div key={x.id} class={`toast ${x.kind}`}>
          <span>{x.text}</span>
          <button class="plain" aria-label={t('common.close')} onClick={() => close(x.id)}>
            ✕
          </button>
        </div>
      ))}
    </div>
  );
}
