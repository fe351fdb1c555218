// The bus plan beside what it is now: which requests are new, which are gone, and what share of the time they take.
import { percent } from '../number.ts';
import { t } from '../text/index.ts';
import type { PlanChange, PlanOf, PlanRequest } from './api.ts';

export function BusPlan({ changes }: { changes: readonly PlanChange[] }) {
  if (changes.length === 0) return null;
  return (
    <section>
      <h2>{t('maps.plan')}</h2>
      {changes.map((c) => (
        <div key={c.endpoint} class="planchange">
          <h3>{c.endpoint}</h3>
          <p>
            {t('maps.busy')} <Busy plan={c.before} /> → <Busy plan={c.after} />
          </p>
          <Requests before={c.before?.requests ?? []} after={c.after?.requests ?? []} />
        </div>
      ))}
    </section>
  );
}

function Busy({ plan }: { plan: PlanOf | null }) {
  if (!plan) return <b>–</b>;
  return <b class={plan.busy > 0.8 ? 'bad' : ''}>{percent(plan.busy)}</b>;
}

const key = (r: PlanRequest) => `${r.device} ${r.unit_id} ${r.function} ${r.first} ${r.count} ${r.period_ms}`;

function Requests({ before, after }: { before: PlanRequest[]; after: PlanRequest[] }) {
  const old = new Set(before.map(key));
  const now = new Set(after.map(key));
  const rows = [
    ...before.filter((r) => !now.has(key(r))).map((r) => ({ r, sign: '−', kind: 'gone' })),
    ...after.filter((r) => !old.has(key(r))).map((r) => ({ r, sign: '+', kind: 'new' })),
  ];
  const same = after.length - rows.filter((x) => x.kind === 'new').length;
  const heads = ['', t('maps.plan.device'), t('maps.plan.unit'), t('maps.plan.table'), t('maps.plan.first'), t('maps.plan.count'), t('maps.plan.period'), t('maps.plan.share')];
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t('maps.plan')}>
      <table>
        <thead>
          <tr>
            {heads.map((h) => (
              <th key={h} scope="col">
                {h}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, 100).map(({ r, sign, kind }) => (
            <tr key={kind + key(r)} class={kind} title={r.tags.slice(0, 40).join(', ')}>
              <td>{sign}</td>
              <td>{r.device}</td>
              <td class="right">{r.unit_id}</td>
              <td>{r.table}</td>
              <td class="right">{r.first}</td>
              <td class="right">{r.count}</td>
              <td class="right">{`${Number(r.period_ms) / 1000} s`}</td>
              <td class="right">{percent(r.share)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {same > 0 ? <p class="soft pad">{t('maps.plan.same', { n: same })}</p> : null}
    </div>
  );
}
