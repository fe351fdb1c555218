import { Empty } from '../parts/empty.tsx';
import { t } from '../text/index.ts';

export default function Manual() {
  return (
    <>
      <h1>{t('view.manual')}</h1>
      <Empty>{t('common.soon')}</Empty>
    </>
  );
}
