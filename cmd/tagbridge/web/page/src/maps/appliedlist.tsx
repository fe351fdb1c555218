// What was applied, by whom and why, and the way back to each of them.
import { useEffect, useState } from 'preact/hooks';
import { ApiError } from '../api.ts';
import { Drawer } from '../parts/drawer.tsx';
import { Empty } from '../parts/empty.tsx';
import { toast } from '../parts/toast.tsx';
import { t } from '../text/index.ts';
import { parse, whole } from '../time.ts';
import { listApplied, listMaps, rollback, tryRollback, type Finding, type Kept } from './api.ts';
import { BusPlan } from './busplan.tsx';
import { Lines } from './differences.tsx';
import type { DrawerProps } from './drawers.tsx';

const words = (err: unknown) => (err instanceof ApiError ? err.text : String(err));

export function AppliedList({ session, opened, close }: DrawerProps) {
  const [list, setList] = useState<Kept[]>();
  const [fault, setFault] = useState('');
  const load = () => listApplied().then(({ data }) => setList(data), (err: unknown) => setFault(words(err)));
  useEffect(() => void load(), []);
  const done = async () => {
    await load();
    if (!opened.dirty) await opened.rebase();
  };
  return (
    <Drawer title={t('maps.applied')} close={close}>
      {fault ? <Empty>{t('common.error', { text: fault })}</Empty> : null}
      {!list && !fault ? <p class="loading">{t('common.loading')}</p> : null}
      {list?.length === 0 ? <Empty>{t('maps.applied.none')}</Empty> : null}
      <ol class="applied">
        {list?.map((k) => (
          <Entry key={k.id} kept={k} editable={session.edit} done={done} />
        ))}
      </ol>
    </Drawer>
  );
}

function Entry({ kept, editable, done }: { kept: Kept; editable: boolean; done: () => Promise<void> }) {
  const [back, setBack] = useState(false);
  const time = parse(kept.time);
  const differs = kept.files.filter((f) => f.map && f.differs);
  return (
    <li class="panel">
      <p>
        <b>{time ? whole(time) : kept.time}</b> {kept.by} {kept.now ? <span class="badge good">✓ {t('maps.now')}</span> : null}
      </p>
      {kept.comment ? <p class="comment">{kept.comment}</p> : null}
      <details>
        <summary>{t('maps.changes', { n: kept.changes.length + kept.more })}</summary>
        <Lines lines={kept.changes} more={kept.more} none={t('maps.nochange')} />
      </details>
      {editable && differs.length > 0 && !back ? <button onClick={() => setBack(true)}>{t('maps.back')}</button> : null}
      {back ? <Back kept={kept} done={done} cancel={() => setBack(false)} /> : null}
    </li>
  );
}

/** What going back would change is shown before it is done. */
function Back({ kept, done, cancel }: { kept: Kept; done: () => Promise<void>; cancel: () => void }) {
  const [finding, setFinding] = useState<Finding>();
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState(false);
  useEffect(() => void tryRollback(kept.id).then(({ data }) => setFinding(data), (err: unknown) => setFault(words(err))), [kept.id]);
  const act = async () => {
    setBusy(true);
    try {
      const maps = await listMaps();
      const base = Object.fromEntries(maps.data.filter((m) => kept.files.some((f) => f.name === m.name)).map((m) => [m.name, m.etag]));
      await rollback(kept.id, base);
      toast(t('maps.wentback'));
      await done();
      cancel();
    } catch (err) {
      setFault(words(err));
    }
    setBusy(false);
  };
  const bad = finding?.problems.filter((p) => p.severity === 'problem') ?? [];
  return (
    <div class="back">
      {fault ? <p role="alert" class="notice warn">{t('common.error', { text: fault })}</p> : null}
      {!finding && !fault ? <p class="loading">{t('maps.checking')}</p> : null}
      {finding ? (
        <>
          <h3>{t('maps.wouldchange')}</h3>
          <Lines lines={bad.length > 0 ? bad.map((p) => `${p.file}:${p.line}: ${p.message}`) : finding.diff} more={finding.more} none={t('maps.nochange')} />
          <BusPlan changes={finding.plan} />
        </>
      ) : null}
      <p>
        <button class="main" disabled={busy || !finding || bad.length > 0} onClick={() => void act()}>
          {t('maps.goback')}
        </button>{' '}
        <button onClick={cancel}>{t('common.cancel')}</button>
      </p>
    </div>
  );
}
