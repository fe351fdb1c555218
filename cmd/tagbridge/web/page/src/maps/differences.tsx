// What the draft would change, in the words of the bridge, and the way to have it: Apply.
import { useState } from 'preact/hooks';
import { Drawer } from '../parts/drawer.tsx';
import { toast } from '../parts/toast.tsx';
import { t } from '../text/index.ts';
import type { DrawerProps } from './drawers.tsx';
import { saveText } from './download.ts';
import { BusPlan } from './busplan.tsx';
import { applyAll, useOthers, type Others, type Outcome } from './together.ts';

export function Differences({ file, files, opened, session, close }: DrawerProps) {
  const [outcome, setOutcome] = useState<Outcome>();
  const others = useOthers(opened, files.map((f) => f.name));
  const { finding, fault, chosen } = others;
  const problems = finding?.problems.filter((p) => p.severity === 'problem') ?? [];
  const checking = opened.checking || (finding === undefined && fault === undefined);
  return (
    <Drawer title={t('maps.differencesof', { name: file.name })} close={close}>
      {outcome ? <Result outcome={outcome} /> : null}
      {!opened.dirty ? <p class="soft">{t('maps.nothing')}</p> : null}
      {opened.dirty && !outcome ? <OtherMaps others={others} /> : null}
      {opened.dirty && checking ? <p class="loading">{t('maps.checking')}</p> : null}
      {fault && chosen.size > 0 ? <p class="notice warn" role="alert">{t('common.error', { text: fault.text })}</p> : null}
      {opened.dirty && problems.length > 0 ? (
        <div class="notice warn">
          {t(chosen.size > 0 ? 'maps.mendfirst.all' : 'maps.mendfirst', { n: problems.length })}
          {chosen.size > 0 ? <Lines lines={problems.slice(0, 50).map((p) => `${p.file}:${p.line}: ${p.message}`)} more={Math.max(0, problems.length - 50)} none="" /> : null}
        </div>
      ) : null}
      {opened.dirty && finding && problems.length === 0 ? (
        <>
          {session.edit ? <Apply others={others} checking={checking} writable={file.writable} why={file.why} setOutcome={setOutcome} /> : null}
          <Lines lines={finding.diff} more={finding.more} none={t('maps.nochange')} />
          <BusPlan changes={finding.plan} />
        </>
      ) : null}
    </Drawer>
  );
}

/** Other maps that have edits, which may be applied together with this one. */
function OtherMaps({ others: { names, chosen, choose } }: { others: Others }) {
  if (names.length === 0) return null;
  return (
    <fieldset class="othermaps">
      <legend>{t('maps.together')}</legend>
      {names.map((name) => (
        <label key={name}>
          <input type="checkbox" checked={chosen.has(name)} onChange={(e) => choose(name, e.currentTarget.checked)} /> {name}
        </label>
      ))}
    </fieldset>
  );
}

export function Lines({ lines, more, none }: { lines: readonly string[]; more: number; none: string }) {
  if (lines.length === 0) return <p class="soft">{none}</p>;
  return (
    <ul class="diff">
      {lines.map((l, n) => (
        <li key={n} lang="en">{l}</li>
      ))}
      {more > 0 ? <li class="soft">{t('maps.more', { n: more })}</li> : null}
    </ul>
  );
}

interface ApplyProps {
  others: Others;
  checking: boolean;
  writable: boolean;
  why: string;
  setOutcome: (o: Outcome | undefined) => void;
}

function Apply({ others, checking, writable, why, setOutcome }: ApplyProps) {
  const [comment, setComment] = useState('');
  const [busy, setBusy] = useState(false);
  const first = others.drafts[0];
  const act = async () => {
    setBusy(true);
    const outcome = await applyAll(others.drafts, comment);
    if ('done' in outcome) toast(t('maps.done'));
    setOutcome(outcome);
    setBusy(false);
  };
  if (!writable) {
    return (
      <p class="notice">
        {t('maps.unwritable', { why })} <button onClick={() => first && saveText(first.name, first.text)}>{t('maps.download')}</button>
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
      <button class="main" type="submit" disabled={busy || checking || others.fault !== undefined}>
        {busy ? t('maps.applying') : t('maps.apply')}
      </button>
    </form>
  );
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
        {t('maps.refused', { text: outcome.unanswered ? t('maps.unanswered') : outcome.refused })}
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
