// The verdict, what is not well, each with the way to where it is mended, and what is to be known besides.
import { href } from '../router.ts';
import { remarkHref, remarkText, verdictText } from '../remarks.ts';
import type { Remark, Status } from '../status.ts';
import { t } from '../text/index.ts';
import type { Problem } from './answers.ts';

export function Verdict({ status }: { status: Status }) {
  return (
    <section class={`verdict-panel panel ${status.well ? 'good' : 'bad'}`} aria-label={t('view.overview')}>
      <p class="sentence" title={status.verdict}>
        <span aria-hidden="true">{status.well ? '●' : '✕'}</span> {verdictText(status)}
      </p>
      <Remarks list={status.problems} />
      <Remarks title={t('overview.notes')} list={status.notes} />
    </section>
  );
}

function Remarks({ title, list }: { title?: string; list: readonly Remark[] }) {
  if (list.length === 0) return null;
  return (
    <>
      {title ? <h2>{title}</h2> : null}
      <ul class="remarks">
        {list.map((r, at) => (
          <li key={`${r.code} ${r.name} ${at}`}>
            <RemarkLine remark={r} />
          </li>
        ))}
      </ul>
    </>
  );
}

function RemarkLine({ remark }: { remark: Remark }) {
  const to = remarkHref(remark);
  const text = remarkText(remark, 'remark');
  const own = text === remark.text ? { lang: 'en' } : {};
  return to ? <a href={to} title={text} {...own}>{text}</a> : <span title={text} {...own}>{text}</span>;
}

const most = 20;

/** Disk is what is wrong with the configuration on disk, also what nobody has asked the bridge to load yet. */
export function Disk({ problems }: { problems: readonly Problem[] }) {
  if (problems.length === 0) return null;
  const sorted = [...problems].sort((a, b) => rank(a) - rank(b));
  return (
    <section class="panel">
      <h2>{t('overview.disk')}</h2>
      <ul class="remarks">
        {sorted.slice(0, most).map((p, at) => (
          <li key={at} class={p.severity === 'warning' ? '' : 'text-bad'}>
            <a href={href('maps', { file: p.file, row: p.line })}>
              <span class="mono">
                {p.file}:{p.line}
                {p.header ? `:${p.header}` : ''}
              </span>
            </a>{' '}
            {p.severity === 'warning' ? <span class="soft">{t('overview.warning')}: </span> : null}
            <span lang="en">{p.message}</span>
          </li>
        ))}
      </ul>
      {sorted.length > most ? <p class="soft">{t('overview.more', { n: sorted.length - most })}</p> : null}
    </section>
  );
}

function rank(p: Problem): number {
  return p.severity === 'warning' ? 1 : 0;
}
