import { Empty } from '../parts/empty.tsx';
import { t } from '../text/index.ts';

export default function Trends() {
  return (
    <>
      <h1>{t('view.trends')}</h1>
      <Empty>{t('common.soon')}</Empty>
    </>
  );
}
