import { Empty } from '../parts/empty.tsx';
import { t } from '../text/index.ts';

export default function Connections() {
  return (
    <>
      <h1>{t('view.connections')}</h1>
      <Empty>{t('common.soon')}</Empty>
    </>
  );
}
