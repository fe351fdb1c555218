// What the draft would change, in the words of the bridge, and the way to have it: Apply.
import { useState } from 'preact/hooks';
import { ApiError } from '../api.ts';
import { Drawer } from '../parts/drawer.tsx';
import { toast } from '../parts/toast.tsx';
import { t } from '../text/index.ts';
import { apply, type Applied, type Problem } from './api.ts';
import type { DrawerProps } from './drawers.tsx';
import { saveText } from './download.ts';
import type { Opened } from './opened.ts';
import { BusPlan } from './busplan.tsx';

type Outcome = { done: Applied } | { conflict: true; collisions: number } | { refused: string; problems: readonly Problem[] };

export function Differences({ file, opened, session, close }: DrawerProps) {
  const [outcome, setOutcome] = useState<Outcome>();
  const finding = opened.finding;
  const problems = finding?.problems.filter((p) => p.severity === 'problem') ?? [];
  return (
    <Drawer title={t('maps.differencesof', { name: file.name })} close={close}>
      {outcome ? <Result outcome={outcome} /> : null}
      {!opened.dirty ? <p class="soft">{t('maps.nothing')}</p> : null}
      {opened.checking ? <p class="loading">{t('maps.checking')}</p> : null}
      {opened.dirty && problems.length > 0 ? <p class="notice warn">{t('maps.mendfirst', { n: problems.length })}</p> : null}
      {opened.dirty && finding && problems.length === 0 ? (
        <>
          {session.edit ? <Apply opened={opened} writable={file.writable} why={file.why} setOutcome={setOutcome} /> : null}
          <Lines lines={finding.diff} more={finding.more} none={t('maps.nochange')} />
          <BusPlan changes={finding.plan} />
        </>
      ) : null}
    </Drawer>
  );
}

export function Lines({ lines, more, none }: { lines: readonly string[]; more: number; none: string }) {
  if (lines.length === 0) return <p class="soft">{none}</p>;
  return (
    <ul class="diff">
      {lines.map((l, n) => (
        <li key={n}>{l}</li>
      ))}
      {more > 0 ? <li class="soft">{t('maps.more', { n: more })}</li> : null}
    </ul>
  );
}

interface ApplyProps {
  opened: Opened;
  writable: boolean;
  why: string;
  setOutcome: (o: Outcome | undefined) => void;
}

function Apply({ opened, writable, why, setOutcome }: ApplyProps) {
  const [comment, setComment] = useState('');
  const [busy, setBusy] = useState(false);
  const act = async () => {
    setBusy(true);
    setOutcome(await applied(opened, comment));
    setBusy(false);
  };
  if (!writable) {
    return (
      <p class="notice">
        {t('maps.unwritable', { why })} <button onClick={() => saveText(opened.name, opened.text)}>{t('maps.download')}</button>
      </p>
    );
  }
  return (
    <form
      class="apply"
      onSubmit={(e) => {
        e.preventDefault();
        void act();
      }}
    >
      <label>
        {t('maps.comment.label')}
        <input value={comment} maxLength={500} placeholder={t('maps.comment.hint')} onInput={(e) => setComment(e.currentTarget.value)} />
      </label>
      <button class="main" type="submit" disabled={busy || opened.checking || opened.fault !== undefined}>
        {busy ? t('maps.applying') : t('maps.apply')}
      </button>
    </form>
  );
}

/** Applies the draft. When somebody else was faster, her edits are carried over, to be looked at and applied again. */
async function applied(opened: Opened, comment: string): Promise<Outcome> {
  const text = opened.text;
  try {
    const { data } = await apply(opened.change(), { [opened.name]: opened.etag }, comment);
    opened.applied(text, data.etags[opened.name] ?? opened.etag);
    toast(t('maps.done'));
    return { done: data };
  } catch (err) {
    if (!(err instanceof ApiError)) throw err;
    if (err.status === 409) {
      try {
        await opened.rebase();
        return { conflict: true, collisions: opened.collisions.length };
      } catch (again) {
        return { refused: again instanceof ApiError ? again.text : String(again), problems: [] };
      }
    }
    opened.checkSoon(0);
    const text = err.unreachable ? t('maps.unanswered') : err.text;
    return { refused: text, problems: err.problems as Problem[] };
  }
}

function Result({ outcome }: { outcome: Outcome }) {
  if ('conflict' in outcome) {
    return (
      <p class="notice warn" role="alert">
        {t(outcome.collisions > 0 ? 'maps.conflict.some' : 'maps.conflict', { n: outcome.collisions })}
      </p>
    );
  }
  if ('refused' in outcome) {
    return (
      <div class="notice warn" role="alert">
        {t('maps.refused', { text: outcome.refused })}
        <ul class="diff">
          {outcome.problems.slice(0, 50).map((p, n) => (
            <li key={n}>{`${p.file}:${p.line}: ${p.message}`}</li>
          ))}
        </ul>
      </div>
    );
  }
  return (
    <div class="notice good" role="status">
      ✓ {t('maps.done')}
      <Lines lines={outcome.done.changes} more={outcome.done.more} none={t('maps.nochange')} />
    </div>
  );
}
