// Maps: which there are, and the one that is open.
import { usePoll } from '../poll.ts';
import { MapDesk } from '../maps/mapdesk.tsx';
import { MapList } from '../maps/maplist.tsx';
import type { MapFile, Session } from '../maps/api.ts';
import { t } from '../text/index.ts';
import type { ViewProps } from '../view.ts';

const nobody: Session = { user: '', edit: false, why: '' };

export default function Maps({ params }: ViewProps) {
  const maps = usePoll<MapFile[]>('/api/v1/maps', 3000);
  const session = usePoll<Session>('/api/v1/session', 15_000);
  const device = params.get('device');
  const name = params.get('file') ?? maps.data?.find((m) => device !== null && m.devices.includes(device) && m.format !== 'in place')?.name ?? '';
  const file = maps.data?.find((m) => m.name === name);
  if (file) return <MapDesk key={name} file={file} files={maps.data ?? []} session={session.data ?? nobody} row={params.get('row') ?? ''} />;
  return (
    <>
      <h1>{t('view.maps')}</h1>
      {name !== '' && maps.data ? <p role="alert">{t('maps.gone', { name })}</p> : null}
      <MapList maps={maps.data} fault={maps.error?.text ?? ''} none={maps.error?.status === 501} />
    </>
  );
}
