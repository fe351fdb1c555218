// Find a value: what the display of the device shows is looked for in its registers, in every type and byte order. A second
// reading, once the display shows something else, tells what is really it.
import { useState } from 'preact/hooks';
import { Badge } from '../../parts/badge.tsx';
import { t } from '../../text/index.ts';
import { probe, type Candidate, type Cells, type Look, type Probed, type Shown } from './api.ts';
import { Refused, useAsking, type AskProps } from './panel.tsx';
import { isNumber, parts } from './rows.ts';

const most = 50; // answers that are shown
const readings = 20; // that the bridge takes

export function Find({ device, add }: AskProps) {
  const { busy, fault, run, stop } = useAsking();
  const [ranges, setRanges] = useState('40001-40100');
  const [shows, type] = useState('');
  const [before, keep] = useState<readonly Shown[]>([]);
  const [found, take] = useState<Probed>();
  const wrong = shows.trim() !== '' && !isNumber(shows.trim());
  const search = (e: Event) => {
    e.preventDefault();
    const shown = shows.trim();
    run(async (signal) => {
      const earlier = shown === '' ? [] : before.slice(1 - readings);
      const answer = await probe(device, parts(ranges), [...earlier, { shows: shown, dump: '' }], signal);
      keep(shown === '' ? [] : [...earlier, { shows: shown, dump: answer.dump }]);
      take(answer);
    });
  };
  const anew = () => {
    keep([]);
    take(undefined);
    type('');
  };
  return (
    <>
      <p>{t('ask.find.means')}</p>
      <form class="ask" onSubmit={search}>
        <label>
          {t('ask.find.shows')}
          <input value={shows} inputMode="decimal" placeholder="23,1" autocomplete="off" maxLength={40} aria-invalid={wrong} onInput={(e) => type(e.currentTarget.value)} />
        </label>
        <label>
          {t('ask.find.range')}
          <input value={ranges} maxLength={400} placeholder="40001-40100" onInput={(e) => setRanges(e.currentTarget.value)} />
        </label>
        <p class="line whole">
          <button class="main" type="submit" disabled={busy || wrong}>
            {t(busy ? 'ask.busy' : shows.trim() === '' ? 'ask.find.look' : before.length > 0 ? 'ask.find.again' : 'ask.find.search')}
          </button>
          {busy ? <button type="button" onClick={stop}>{t('common.cancel')}</button> : null}
          {before.length > 0 && !busy ? <button type="button" onClick={anew}>{t('ask.find.anew')}</button> : null}
          {wrong ? <span class="problem" role="alert">{t('ask.find.wrong', { text: shows.trim() })}</span> : null}
        </p>
      </form>
      <Refused fault={fault} />
      {found ? <Answers found={found} before={before} add={(row) => add([{ tag: '', ...row }])} /> : null}
    </>
  );
}

function Answers({ found: f, before, add }: { found: Probed; before: readonly Shown[]; add: (row: Cells) => void }) {
  const looked = before.length === 0;
  return (
    <>
      {looked ? (
        <p role="status">
          <b>{t('ask.find.looks')}</b> <span class="soft" lang="en">{[f.order, f.order_why].filter((x) => x).join(': ')}</span>
        </p>
      ) : (
        <>
          <p role="status">
            <Sure sure={f.sure} none={f.candidates.length === 0} /> <span class="wrapped" lang="en">{f.why}</span>
          </p>
          {f.candidates.length > 0 && f.sure !== 'certain' ? <p class="notice">{t('ask.find.second', { shown: before.map((b) => b.shows).join(', ') })}</p> : null}
        </>
      )}
      {f.incomplete ? <p class="notice warn" lang="en">{f.incomplete}</p> : null}
      <ol class="answers" aria-label={t('ask.find')}>
        {looked ? f.looks.slice(0, most).map((l) => <LookLine key={l.range} look={l} add={() => add(l.row)} />) : f.candidates.slice(0, most).map((c, n) => <CandidateLine key={n} candidate={c} add={() => add(c.row)} />)}
      </ol>
      <More n={(looked ? f.looks : f.candidates).length - most} />
      {f.refused.length > 0 ? (
        <p class="soft said">
          {t('ask.find.refused')} <span class="wrapped" lang="en">{f.refused.slice(0, 20).map((r) => `${r.range} (${r.why})`).join(', ')}</span>
        </p>
      ) : null}
    </>
  );
}

const More = ({ n }: { n: number }) => (n > 0 ? <p class="soft">{t('maps.more', { n })}</p> : null);

function Sure({ sure, none }: { sure: string; none: boolean }) {
  if (none) return <Badge kind="bad" text={t('ask.find.nothing')} />;
  if (sure === 'certain') return <Badge kind="good" text={t('ask.find.certain')} />;
  return <Badge kind="uncertain" text={t(sure === 'likely' ? 'ask.find.likely' : 'ask.find.possible')} />;
}

/** how is the format of a row, in the words of the map. */
function how(row: Cells): string {
  const order = row['order'] ?? '';
  return [row['type'], order === 'ABCD' ? '' : order, row['scale'] ? `× ${row['scale']}` : '', row['offset'] ? `+ ${row['offset']}` : ''].filter((x) => x).join(', ');
}

function CandidateLine({ candidate: c, add }: { candidate: Candidate; add: () => void }) {
  return (
    <li>
      <span class="what">
        <b>{c.address}</b> {how(c.row)}
        <br />
        {t('ask.find.gives', { value: c.value })} <span class="soft">{c.moved ? t('ask.find.moved') : ''}</span>
        {c.same ? <span class="soft wrapped">{t('ask.find.same', { type: c.same })}</span> : null}
      </span>
      <button onClick={add}>{t('ask.addrow')}</button>
    </li>
  );
}

function LookLine({ look: l, add }: { look: Look; add: () => void }) {
  return (
    <li>
      <span class="what">
        <b>{l.range}</b> {l.value} <span class="soft">{l.moves ? t('ask.find.moves') : ''}</span>
        <span class="soft wrapped" lang="en">{l.looks}</span>
      </span>
      {l.row['address'] ? <button onClick={add}>{t('ask.addrow')}</button> : null}
    </li>
  );
}
