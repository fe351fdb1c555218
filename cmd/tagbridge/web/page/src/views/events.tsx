import { Empty } from '../parts/empty.tsx';
import { t } from '../text/index.ts';

export default function Events() {
  return (
    <>
      <h1>{t('view.events')}</h1>
      <Empty>{t('common.soon')}</Empty>
    </>
  );
}
