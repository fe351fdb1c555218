// Read now: the rows that are selected, as they are in the draft, read once; shown in their rows and here.
import { useState } from 'preact/hooks';
import { valueText } from '../../number.ts';
import { QualityBadge } from '../../parts/badge.tsx';
import { Table, type Column } from '../../parts/table.tsx';
import { count, t } from '../../text/index.ts';
import { clock } from '../../time.ts';
import { readRows, type Reading } from './api.ts';
import { Refused, useAsking, type AskProps } from './panel.tsx';
import { mostRows, rowsToRead, type Asked } from './rows.ts';

interface Answer extends Asked {
  reading: Reading;
}

export function ReadNow({ opened, device, picked }: AskProps) {
  const { busy, fault, run, stop } = useAsking();
  const [answers, take] = useState<{ list: readonly Answer[]; at: Date }>();
  const rows = opened.table ? rowsToRead(opened.table, picked) : [];
  const read = () =>
    run(async (signal) => {
      const readings = await readRows(device, rows.map((r) => r.cells), signal);
      const list = rows.flatMap((r, n) => (readings[n] ? [{ ...r, reading: readings[n] }] : []));
      opened.readings.clear();
      for (const { line, cells, reading } of list) opened.readings.set(line, { ...reading, unit: cells['unit'] ?? '' });
      opened.tell();
      take({ list, at: new Date() });
    });
  return (
    <>
      <p>{rows.length === 0 ? t('ask.read.none') : t('ask.read.means')}</p>
      <p class="line">
        <button class="main" disabled={busy || rows.length === 0} onClick={read}>
          {busy ? t('ask.busy') : rows.length === 0 ? t('ask.read') : count('ask.read.rows', rows.length)}
        </button>
        {busy ? <button onClick={stop}>{t('common.cancel')}</button> : null}
        {rows.length === mostRows ? <span class="soft">{t('ask.read.most', { n: mostRows })}</span> : null}
      </p>
      <Refused fault={fault} />
      {answers ? (
        <>
          <p class="soft" role="status">
            {t('ask.read.at', { time: clock(answers.at) })}
          </p>
          <Table label={t('ask.read')} columns={columns()} rows={answers.list} id={(a) => String(a.number)} />
        </>
      ) : null}
    </>
  );
}

const columns = (): Column<Answer>[] => [
  { head: t('maps.row'), right: true, cell: (a) => a.number },
  { head: t('values.tag'), cell: (a) => <span class="short" title={a.tag}>{a.tag}</span> },
  { head: t('values.value'), wide: true, cell: (a) => <Value answer={a} /> },
];

function Value({ answer: { reading: r, cells } }: { answer: Answer }) {
  const [quality, shown] = [r.quality, valueText(r.value)];
  return (
    <span class="reading">
      {quality === '' ? null : <QualityBadge quality={quality} />} {shown === '' ? null : <b>{`${shown} ${cells['unit'] ?? ''}`}</b>}{' '}
      {r.raw ? <code title={t('values.raw')}>{r.raw.replace(/(....)(?=.)/g, '$1 ')}</code> : null}
      {r.error ? <span class="wrapped" lang="en">{r.error}</span> : null}
    </span>
  );
}
