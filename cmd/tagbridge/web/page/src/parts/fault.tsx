// An answer that was refused. That the bridge does not answer at all is said once, by the banner.
import type { ApiError } from '../api.ts';
import { t } from '../text/index.ts';

export function Fault({ error }: { error: ApiError | undefined }) {
  if (!error || error.unreachable) return null;
  return (
    <p class="fault" role="alert">
      {t('common.error', { text: error.text })}
    </p>
  );
}
