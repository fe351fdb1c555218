// Says that the bridge does not answer, for as long as that is so.
import { useConnection } from '../connection.ts';
import { t } from '../text/index.ts';
import { stamp } from '../time.ts';

export function Banner() {
  const c = useConnection();
  return (
    <div role="status" aria-live="polite">
      {c.reachable ? null : (
        <p class="banner" title={c.reason}>
          <span aria-hidden="true">⚠</span> {c.last ? t('frame.unreachable', { time: stamp(new Date(c.last)) }) : t('frame.never')}
        </p>
      )}
    </div>
  );
}
