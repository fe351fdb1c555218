// The map as a file of one's own: to be saved, and taken from one.
import { useRef, useState } from 'preact/hooks';
import { ApiError, postForFile } from '../api.ts';
import { Drawer } from '../parts/drawer.tsx';
import { toast } from '../parts/toast.tsx';
import { t } from '../text/index.ts';
import { mapPath } from './api.ts';
import { convertFile } from './convert.ts';
import type { DrawerProps } from './drawers.tsx';
import { save, saveText } from './download.ts';

const largest = 8 << 20;

export function Files({ file, opened, session, close }: DrawerProps) {
  const pick = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const guarded = async (f: () => Promise<void>) => {
    setBusy(true);
    try {
      await f();
    } catch (err) {
      toast(t('common.error', { text: err instanceof ApiError ? err.text : String(err) }), 'bad');
    }
    setBusy(false);
  };
  const take = (given: File | undefined) =>
    guarded(async () => {
      if (!given) return;
      if (given.size > largest) throw new Error(t('maps.toolarge'));
      opened.replace(await convertFile(given));
      toast(t('maps.taken', { name: given.name }));
      close();
    });
  const saveBook = async () => {
    const book = await postForFile('/api/v1/workbook', { name: file.name, text: opened.text }, 60_000);
    save(file.name.replace(/\.[^./\\]*$/, '') + '.xlsx', book);
  };
  return (
    <Drawer title={t('maps.updown')} close={close}>
      <h2>{t('maps.download')}</h2>
      <p>{t(opened.dirty ? 'maps.savedraft' : 'maps.saveas')}</p>
      <p>
        <button onClick={() => saveText(file.name, opened.text)}>{file.format === 'yaml' ? 'YAML' : 'CSV'}</button>{' '}
        {opened.dirty ? (
          <button disabled={busy} onClick={() => void guarded(saveBook)}>
            XLSX
          </button>
        ) : null}
      </p>
      <p>{t('maps.spreadsheet')}</p>
      <p>
        <a href={mapPath(file.name, 'xlsx')} download>
          XLSX
        </a>{' '}
        <a href={mapPath(file.name, 'csv')} download>
          CSV
        </a>
      </p>
      {session.edit ? (
        <>
          <h2>{t('maps.upload')}</h2>
          <p>{t('maps.uploadtext')}</p>
          <input ref={pick} type="file" aria-label={t('maps.upload')} accept=".csv,.txt,.tsv,.xlsx,.yaml,.yml" disabled={busy} onChange={(e) => void take(e.currentTarget.files?.[0])} />
          {opened.dirty ? (
            <p>
              <button
                onClick={() => {
                  opened.discard();
                  close();
                }}
              >
                {t('maps.discard')}
              </button>
            </p>
          ) : null}
          {file.encoding.startsWith('utf-8') ? null : (
            <p>
              <label>
                <input type="checkbox" checked={opened.encoding !== ''} onChange={(e) => opened.encode(e.currentTarget.checked ? 'utf-8' : '')} />{' '}
                {t('maps.toutf8', { encoding: file.encoding })}
              </label>
            </p>
          )}
        </>
      ) : null}
    </Drawer>
  );
}
