import { Empty } from '../parts/empty.tsx';
import { t } from '../text/index.ts';

export default function Maps() {
  return (
    <>
      <h1>{t('view.maps')}</h1>
      <Empty>{t('common.soon')}</Empty>
    </>
  );
}
