// A view that is fetched when it is first looked at.
import { useEffect, useState } from 'preact/hooks';
import { onReachable } from '../connection.ts';
import { t } from '../text/index.ts';
import type { ViewComponent, ViewProps } from '../view.ts';

type Load = () => Promise<{ default: ViewComponent }>;
const loaded = new Map<Load, ViewComponent>();

export function Lazy({ load, params }: { load: Load } & ViewProps) {
  const [, again] = useState(0);
  const [failed, fail] = useState(false);
  useEffect(() => {
    if (loaded.has(load)) return;
    let there = true;
    const fetchIt = () =>
      load().then(
        (m) => {
          loaded.set(load, m.default);
          if (there) again((n) => n + 1);
        },
        () => there && fail(true),
      );
    void fetchIt();
    // A part that is gone belongs to a program that was replaced: the new one has its own.
    const forget = onReachable(() => !loaded.has(load) && location.reload());
    return () => {
      there = false;
      forget();
    };
  }, [load]);
  const View = loaded.get(load);
  if (View) return <View params={params} />;
  if (!failed) return <p class="loading">{t('common.loading')}</p>;
  return (
    <p class="empty" role="alert">
      {t('frame.never')} <button onClick={() => location.reload()}>{t('frame.again')}</button>
    </p>
  );
}
