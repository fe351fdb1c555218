// Finds a tag by a part of its name, and adds it.
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { get, isAbort, One } from '../api.ts';
import { t } from '../text/index.ts';
import { queryOf } from '../values/rows.ts';

interface Found {
  device: string;
  tag: string;
  description: string;
}

export function Picker({ add, disabled }: { add: (name: string) => void; disabled: boolean }) {
  const [text, type] = useState('');
  const [found, show] = useState<Found[]>([]);
  const [chosen, choose] = useState(0);
  const [failed, fail] = useState('');
  const one = useRef(new One());
  const list = useId();
  useEffect(() => {
    if (text.trim() === '') {
      one.current.stop();
      show([]);
      return;
    }
    const timer = setTimeout(async () => {
      const q = queryOf({ device: '', match: text, quality: '', order: 'name' });
      q.set('fields', 'device,tag,description');
      q.set('rows', '0-29');
      try {
        const { data } = await get<Found[]>(`/api/v1/tags?${q}`, { signal: one.current.next() });
        show(data);
        choose(0);
        fail(data.length === 0 ? t('values.noMatch') : '');
      } catch (err) {
        if (!isAbort(err)) fail(err instanceof Error ? err.message : String(err));
      }
    }, 200);
    return () => clearTimeout(timer);
  }, [text]);
  const take = (f: Found | undefined) => {
    if (!f) return;
    add(`${f.device}/${f.tag}`);
    type('');
    show([]);
  };
  const key = (e: KeyboardEvent) => {
    if (e.key === 'ArrowDown') choose((c) => Math.min(c + 1, found.length - 1));
    else if (e.key === 'ArrowUp') choose((c) => Math.max(c - 1, 0));
    else if (e.key === 'Enter') take(found[chosen]);
    else if (e.key === 'Escape' && found.length > 0) show([]);
    else return;
    e.preventDefault();
  };
  const open = found.length > 0;
  return (
    <div class="picker">
      <input
        type="text"
        role="combobox"
        aria-expanded={open}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={open ? `${list}-${chosen}` : undefined}
        aria-label={t('trends.add')}
        placeholder={disabled ? t('trends.full') : t('trends.add')}
        autocomplete="off"
        spellcheck={false}
        maxLength={500}
        disabled={disabled}
        value={text}
        onInput={(e) => type(e.currentTarget.value)}
        onKeyDown={key}
        onBlur={() => setTimeout(() => show([]), 200)}
      />
      <ul id={list} role="listbox" aria-label={t('trends.add')} class={open ? 'found' : 'found none'}>
        {found.map((f, i) => (
          <li
            key={`${f.device}/${f.tag}`}
            id={`${list}-${i}`}
            role="option"
            aria-selected={i === chosen}
            title={f.description}
            onMouseDown={(e) => e.preventDefault()}
            onClick={() => take(f)}
          >
            {f.device}/{f.tag}
          </li>
        ))}
      </ul>
      <span role="status" class="soft">
        {open || text === '' ? '' : failed}
      </span>
    </div>
  );
}
