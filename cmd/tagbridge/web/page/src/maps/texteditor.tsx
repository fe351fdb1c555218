// Maps in YAML, and files in which no table is found, as text: with numbers of lines and the problems beside them.
import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../text/index.ts';
import type { Opened } from './opened.ts';

const lineHeight = 20;

export function TextEditor({ opened, editable }: { opened: Opened; editable: boolean }) {
  const area = useRef<HTMLTextAreaElement>(null);
  const [top, setTop] = useState(0);
  const text = opened.text;
  const lines = text.split('\n').length;
  const marks = new Map<number, { severity: string; text: string }>();
  for (const p of opened.problems) {
    const before = marks.get(p.line);
    marks.set(p.line, { severity: before?.severity === 'problem' ? 'problem' : p.severity, text: before ? `${before.text}\n${p.message}` : p.message });
  }
  useEffect(() => {
    const box = area.current;
    const lead = (e: Event) => box && leadTo(box, (e as CustomEvent<number>).detail);
    box?.addEventListener('lead', lead);
    return () => box?.removeEventListener('lead', lead);
  }, []);
  const first = Math.max(0, Math.floor(top / lineHeight) - 5);
  const seen = Array.from({ length: Math.min(100, Math.max(0, lines - first)) }, (_, n) => first + n + 1);
  const numbers = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (numbers.current) numbers.current.style.transform = `translateY(${first * lineHeight - top}px)`;
  }, [first, top]);
  return (
    <>
      <div class="tools">
        <span class="soft">{t(/\.ya?ml$/i.test(opened.name) ? 'maps.astext' : 'maps.notable')}</span>
      </div>
      <div class="textbox">
        <div class="numbers" aria-hidden="true">
          <div ref={numbers}>
            {seen.map((n) => (
              <div key={n} class={marks.get(n)?.severity ?? ''} title={marks.get(n)?.text ?? ''}>
                {n}
              </div>
            ))}
          </div>
        </div>
        <textarea
          id="maptext"
          ref={area}
          aria-label={opened.name}
          spellcheck={false}
          wrap="off"
          readOnly={!editable}
          value={text}
          onInput={(e) => opened.setPlain(withEnds(e.currentTarget.value, text))}
          onScroll={(e) => setTop(e.currentTarget.scrollTop)}
        />
      </div>
    </>
  );
}

/** A text field has every line end as one character: the file's own are put back. */
export function withEnds(typed: string, before: string): string {
  return before.includes('\r\n') ? typed.replace(/\r?\n/g, '\r\n') : typed;
}

function leadTo(box: HTMLTextAreaElement, line: number): void {
  const lines = box.value.split('\n');
  const from = lines.slice(0, line - 1).reduce((n, l) => n + l.length + 1, 0);
  box.focus();
  box.setSelectionRange(from, from + (lines[line - 1]?.length ?? 0));
  box.scrollTop = Math.max(0, (line - 5) * lineHeight);
}
