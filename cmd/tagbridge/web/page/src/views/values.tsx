import { Empty } from '../parts/empty.tsx';
import { t } from '../text/index.ts';

export default function Values() {
  return (
    <>
      <h1>{t('view.values')}</h1>
      <Empty>{t('common.soon')}</Empty>
    </>
  );
}
