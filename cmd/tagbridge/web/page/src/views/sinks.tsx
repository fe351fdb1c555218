import { Empty } from '../parts/empty.tsx';
import { usePoll } from '../poll.ts';
import { go } from '../router.ts';
import { SinkDrawer } from '../sinks/drawer.tsx';
import { SinkTable } from '../sinks/table.tsx';
import type { SinkState } from '../sinks/state.ts';
import { t } from '../text/index.ts';
import type { ViewProps } from '../view.ts';

export default function Sinks({ params }: ViewProps) {
  const sinks = usePoll<SinkState[]>('/api/v1/sinks', 1000);
  const name = params.get('sink') ?? '';
  const opened = sinks.data?.find((s) => s.sink === name);
  return (
    <>
      <h1>{t('view.sinks')}</h1>
      {sinks.data ? <SinkTable sinks={sinks.data} /> : sinks.error ? <Empty>{t('common.error', { text: sinks.error.text })}</Empty> : <p class="loading">{t('common.loading')}</p>}
      {sinks.data && name !== '' && !opened ? <Empty>{t('sinks.unknown', { sink: name })}</Empty> : null}
      {opened ? <SinkDrawer key={opened.sink} sink={opened} close={() => go('sinks')} /> : null}
    </>
  );
}
