import { useEffect, useMemo, useState } from 'preact/hooks';
import { ApiError, get } from '../api.ts';
import { anchor, Shown } from '../manual/blocks.tsx';
import { find, type Chapter } from '../manual/manual.ts';
import { Empty } from '../parts/empty.tsx';
import { usePoll } from '../poll.ts';
import { href, setParams } from '../router.ts';
import { count, t } from '../text/index.ts';
import type { ViewProps } from '../view.ts';

const chapters = new Map<string, Promise<Chapter>>();

/** chapterOf fetches a chapter once: the manual changes with the program alone. */
function chapterOf(name: string): Promise<Chapter> {
  const known = chapters.get(name);
  if (known) return known;
  const asked = get<Chapter>(`/api/v1/manual/${name.split('/').map(encodeURIComponent).join('/')}`).then((a) => a.data);
  chapters.set(name, asked);
  asked.catch(() => chapters.delete(name));
  return asked;
}

type Fetched<T> = { of: string; got?: T; error?: string };

/** useFetched is what ask answers for of, anew when of changes; '' asks for nothing. */
function useFetched<T>(of: string, ask: () => Promise<T>): Fetched<T> {
  const [state, set] = useState<Fetched<T>>({ of });
  useEffect(() => {
    if (of === '') return;
    let there = true;
    ask().then(
      (got) => there && set({ of, got }),
      (err) => there && set({ of, error: err instanceof ApiError ? err.text : String(err) }),
    );
    return () => void (there = false);
  }, [of]);
  return state.of === of ? state : { of };
}

export default function Manual({ params }: ViewProps) {
  const list = usePoll<{ name: string; title: string }[]>('/api/v1/manual', 3_600_000);
  const question = params.get('find') ?? '';
  const names = list.data?.map((c) => c.name) ?? [];
  const name = params.get('chapter') || names[0] || '';
  return (
    <>
      <h1 class="unseen">{t('view.manual')}</h1>
      <div class="manual">
        <nav aria-label={t('manual.contents')}>
          <input type="search" aria-label={t('manual.find')} placeholder={t('manual.find')} value={question} onInput={(e) => setParams({ find: e.currentTarget.value })} />
          <ul>
            {list.data?.map((c) => (
              <li key={c.name}><a href={href('manual', { chapter: c.name })} {...(c.name === name && !question ? { 'aria-current': 'page' as const } : {})}>{c.title}</a></li>
            ))}
          </ul>
        </nav>
        <div class="read">
          {list.error && !list.data ? <Empty>{t('common.error', { text: list.error.text })}</Empty> : question ? <Found names={names} question={question} /> : name ? <Open name={name} at={params.get('at') ?? ''} /> : <p class="loading">{t('common.loading')}</p>}
        </div>
      </div>
    </>
  );
}

function Open({ name, at }: { name: string; at: string }) {
  const chapter = useFetched(name, () => chapterOf(name));
  useEffect(() => {
    if (!chapter.got) return;
    if (at) document.getElementById(anchor(at))?.scrollIntoView();
    else scrollTo(0, 0); // the content would come to be below the bar
  }, [chapter.got, at]);
  if (chapter.error) return <Empty>{t('common.error', { text: chapter.error })}</Empty>;
  return chapter.got ? <Shown chapter={chapter.got} /> : <p class="loading">{t('common.loading')}</p>;
}

function Found({ names, question }: { names: readonly string[]; question: string }) {
  const all = useFetched(names.join(' '), () => Promise.all(names.map(chapterOf)));
  const hits = useMemo(() => find(all.got ?? [], question), [all.got, question]);
  if (all.error) return <Empty>{t('common.error', { text: all.error })}</Empty>;
  if (!all.got) return <p class="loading">{t('common.loading')}</p>;
  return (
    <>
      <p role="status">{count('manual.hits', hits.length)}</p>
      <ul class="hits">
        {hits.map((h, i) => (
          <li key={i}>
            <a href={href('manual', { chapter: h.chapter, at: h.id })}>{h.heading === h.title ? h.title : `${h.title}: ${h.heading}`}</a>
            <p>{h.text}</p>
          </li>
        ))}
      </ul>
    </>
  );
}
