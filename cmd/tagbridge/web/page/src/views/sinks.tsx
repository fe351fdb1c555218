import { Empty } from '../parts/empty.tsx';
import { t } from '../text/index.ts';

export default function Sinks() {
  return (
    <>
      <h1>{t('view.sinks')}</h1>
      <Empty>{t('common.soon')}</Empty>
    </>
  );
}
