// The maps that the configuration names.
import { Empty } from '../parts/empty.tsx';
import { Table, type Column } from '../parts/table.tsx';
import { href } from '../router.ts';
import { t } from '../text/index.ts';
import type { MapFile } from './api.ts';
import { keptFiles } from './kept.ts';

export function MapList({ maps, fault, none }: { maps: MapFile[] | undefined; fault: string; none: boolean }) {
  if (!maps && none) return <Empty>{t('maps.nofiles')}</Empty>;
  if (!maps) return fault ? <Empty>{t('common.error', { text: fault })}</Empty> : <p class="loading">{t('common.loading')}</p>;
  if (maps.length === 0) return <Empty>{t('maps.empty')}</Empty>;
  const kept = new Set(keptFiles());
  const columns: Column<MapFile>[] = [
    { head: t('maps.file'), wide: true, cell: (m) => (canOpen(m) ? <a href={href('maps', { file: m.name })}>{m.name}</a> : m.name) },
    { head: t('maps.devices'), cell: (m) => m.devices.join(', '), spare: true },
    { head: t('maps.rows'), right: true, cell: (m) => m.rows },
    { head: t('maps.tags'), right: true, cell: (m) => m.tags, spare: true },
    { head: t('maps.encoding'), cell: (m) => m.encoding, spare: true },
    { head: t('maps.state'), cell: (m) => stateOf(m, kept.has(m.name)) },
  ];
  return <Table label={t('view.maps')} columns={columns} rows={maps} id={(m) => m.name} />;
}

function canOpen(m: MapFile): boolean {
  return m.format === 'csv' || m.format === 'yaml';
}

function stateOf(m: MapFile, edited: boolean) {
  if (edited) return <span class="badge uncertain">{t('maps.edited')}</span>;
  return m.writable ? '' : <span class="soft" title={m.why}>{t('maps.readonly')}</span>;
}
