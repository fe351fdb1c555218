import { Empty } from '../parts/empty.tsx';
import { t } from '../text/index.ts';

export default function Alarms() {
  return (
    <>
      <h1>{t('view.alarms')}</h1>
      <Empty>{t('common.soon')}</Empty>
    </>
  );
}
