import { Empty } from '../parts/empty.tsx';
import { t } from '../text/index.ts';

export default function Overview() {
  return (
    <>
      <h1>{t('view.overview')}</h1>
      <Empty>{t('common.soon')}</Empty>
    </>
  );
}
