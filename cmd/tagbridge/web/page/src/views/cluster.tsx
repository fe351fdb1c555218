import { Copy } from '../cluster/copy.tsx';
import { faultsOf, fits, worstFirst, type Cluster as ClusterState } from '../cluster/state.ts';
import { Endpoints, Members, Rests, Servers } from '../cluster/tables.tsx';
import { bridgeNow } from '../heard.ts';
import { signs } from '../quality.ts';
import { Empty } from '../parts/empty.tsx';
import { usePoll } from '../poll.ts';
import { setParams } from '../router.ts';
import { count, t } from '../text/index.ts';
import type { ViewProps } from '../view.ts';

const several = 20;
const shown = 200;

export default function Cluster({ params }: ViewProps) {
  const { data, error } = usePoll<ClusterState>('/api/v1/cluster', 2000);
  return (
    <>
      <h1>{t('view.cluster')}</h1>
      {data ? data.node === '' ? <Empty>{t('cluster.none')}</Empty> : <Shown cluster={data} find={params.get('find') ?? ''} /> : error ? <Empty>{t('common.error', { text: error.text })}</Empty> : <p class="loading">{t('common.loading')}</p>}
    </>
  );
}

function Shown({ cluster: c, find }: { cluster: ClusterState; find: string }) {
  const wanted = worstFirst(c.endpoints.filter((e) => find === '' || fits(e, find)));
  return (
    <>
      <Verdict cluster={c} />
      <h2>{t('cluster.members')}</h2>
      <Members cluster={c} />
      <h2>{t('cluster.endpoints')}</h2>
      {c.endpoints.length > several || find !== '' ? (
        <p class="line">
          <input type="search" aria-label={t('cluster.find')} placeholder={t('cluster.find')} value={find} onInput={(e) => setParams({ find: e.currentTarget.value })} />
          <span class="soft">{t('connections.of', { n: wanted.length, all: c.endpoints.length })}</span>
        </p>
      ) : null}
      {wanted.length > 0 ? <Endpoints rows={wanted.slice(0, shown)} /> : <Empty>{t('cluster.nothing')}</Empty>}
      {wanted.length > shown ? <p class="soft">{count('connections.more', wanted.length - shown)}</p> : null}
      <h2>{t('cluster.copy')}</h2>
      <Copy copy={c.copy} />
      {c.inherited.length > 0 ? <><h2>{t('cluster.rests')}</h2><Rests rows={c.inherited} /></> : null}
      <h2>{t('cluster.servers')}</h2>
      <Servers rows={c.servers} />
    </>
  );
}

/** Verdict is how it stands with the cluster, by what this member sees of it. */
function Verdict({ cluster: c }: { cluster: ClusterState }) {
  const faults = faultsOf(c, bridgeNow());
  const wrong = faults.filter((f) => f.kind === 'bad').length;
  const living = c.members.filter((m) => !m.silent).length;
  return (
    <section class={`verdict-panel panel ${wrong > 0 ? 'bad' : 'good'}`} aria-label={t('view.cluster')}>
      <p class="sentence">
        <span aria-hidden="true">{signs[wrong > 0 ? 'bad' : 'good']}</span>{' '}
        {wrong > 0 ? count('cluster.unwell', wrong) : t('cluster.well', { members: living, endpoints: c.endpoints.length })}
      </p>
      {faults.length > 0 ? (
        <ul class="remarks">
          {faults.map((f, i) => (
            <li key={i} class={`text-${f.kind}`} {...(f.english ? { lang: 'en' } : {})}>
              <span>{f.kind === 'uncertain' ? <span aria-hidden="true">{signs.uncertain} </span> : null}{f.text}</span>
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}
