// Which map it is, how it is with it, and the way to apply it.
import { go, href } from '../router.ts';
import { count, t } from '../text/index.ts';
import { stamp } from '../time.ts';
import type { MapFile, Session } from './api.ts';
import type { Opening } from './drawers.tsx';
import type { Opened } from './opened.ts';

interface Props {
  file: MapFile;
  files: readonly MapFile[];
  opened: Opened;
  session: Session;
  device: string;
  setDevice: (d: string) => void;
  open: (o: Opening) => void;
}

export function DeskHead({ file, files, opened, session, device, setDevice, open }: Props) {
  return (
    <header class="deskhead">
      <h1>
        <a href={href('maps')}>{t('view.maps')}</a>
      </h1>
      <select aria-label={t('maps.file')} value={file.name} onChange={(e) => go('maps', { file: e.currentTarget.value })}>
        {files.filter((f) => f.format !== 'in place').map((f) => (
          <option key={f.name} value={f.name}>
            {f.name}
          </option>
        ))}
      </select>
      {file.devices.length > 1 ? (
        <label>
          {t('maps.liveof')}{' '}
          <select value={device} onChange={(e) => setDevice(e.currentTarget.value)}>
            {file.devices.map((d) => (
              <option key={d}>{d}</option>
            ))}
          </select>
        </label>
      ) : null}
      <State opened={opened} />
      <span class="grow" />
      <button title={t('maps.keys')} aria-label={t('maps.keys')} onClick={() => open({ what: 'keys' })}>
        ⌨
      </button>
      <button onClick={() => open({ what: 'files' })}>{t('maps.updown')}</button>
      <button onClick={() => open({ what: 'applied' })}>{t('maps.applied')}</button>
      <button class="main" disabled={!opened.dirty} onClick={() => open({ what: 'differences' })}>
        {session.edit ? t('maps.differencesApply') : t('maps.differences')}
      </button>
    </header>
  );
}

/** What is known of the draft, in a few words. */
function State({ opened }: { opened: Opened }) {
  const problems = opened.problems.filter((p) => p.severity === 'problem').length;
  const warnings = opened.problems.length - problems;
  return (
    <span class="deskstate" role="status">
      {opened.fault && !opened.checking ? <span class="badge bad" title={opened.fault.text}>{t('maps.unchecked')}</span> : null}
      {problems > 0 ? <span class="badge bad">✕ {count('maps.problems', problems)}</span> : null}
      {warnings > 0 ? <span class="badge uncertain">! {count('maps.warnings', warnings)}</span> : null}
      {opened.finding && opened.problems.length === 0 && !opened.fault ? <span class="badge good">✓ {t('maps.fine')}</span> : null}
      {opened.dirty ? <span class="soft">{t(opened.keeping === 'lost' ? 'maps.notkept' : 'maps.kept')}</span> : null}
    </span>
  );
}

const listed = 5000; // how old the list of maps may be, in milliseconds

/** What she ought to know before she goes on. */
export function Notices({ file, opened, session }: { file: MapFile; opened: Opened; session: Session }) {
  return (
    <>
      {session.edit ? null : <p class="notice">{t('maps.lookonly', { why: session.why || t('maps.nosession') })}</p>}
      {session.edit && !file.writable ? <p class="notice">{t('maps.unwritable', { why: file.why })}</p> : null}
      {opened.restored !== undefined && opened.dirty ? (
        <p class="notice">
          {t('maps.restored', { time: stamp(new Date(opened.restored)) })}{' '}
          <button onClick={() => opened.discard()}>{t('maps.discard')}</button>
        </p>
      ) : null}
      {opened.elsewhere ? (
        <p class="notice warn" role="alert">
          {t('maps.elsewhere')} <button onClick={() => opened.takeElsewhere()}>{t('maps.takeit')}</button>
        </p>
      ) : null}
      {file.etag !== opened.etag && opened.dirty && Date.now() - opened.based > listed ? (
        <p class="notice warn" role="alert">
          {t('maps.changed')} <button onClick={() => void opened.rebase()}>{t('maps.carry')}</button>
        </p>
      ) : null}
    </>
  );
}
