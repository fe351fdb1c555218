// The frame around all views: bar, navigation, banner.
import { useEffect } from 'preact/hooks';
import { Banner } from './parts/banner.tsx';
import { Boundary } from './parts/boundary.tsx';
import { Lazy } from './parts/lazy.tsx';
import { Toasts } from './parts/toast.tsx';
import { TopBar } from './parts/topbar.tsx';
import { href, useRoute, views, type View } from './router.ts';
import { follow, status } from './status.ts';
import { useCell } from './store.ts';
import { language, t } from './text/index.ts';
import Overview from './views/overview.tsx';
import type { ViewComponent } from './view.ts';

// Each view but the first is a part of its own that is fetched when it is first looked at.
const load: Record<Exclude<View, 'overview'>, () => Promise<{ default: ViewComponent }>> = {
  values: () => import('./views/values.tsx'),
  trends: () => import('./views/trends.tsx'),
  alarms: () => import('./views/alarms.tsx'),
  connections: () => import('./views/connections.tsx'),
  sinks: () => import('./views/sinks.tsx'),
  cluster: () => import('./views/cluster.tsx'),
  events: () => import('./views/events.tsx'),
  maps: () => import('./views/maps.tsx'),
  manual: () => import('./views/manual.tsx'),
};

export function App() {
  const route = useRoute();
  const spoken = useCell(language);
  const title = t(`view.${route.view}`);
  const bridge = useCell(status)?.bridge ?? 'tagbridge';
  useEffect(follow, []);
  useEffect(() => {
    document.title = `${title} – ${bridge}`;
  }, [title, bridge]);
  return (
    <div class="frame" key={spoken}>
      <a class="skip" href="#main" onClick={toMain}>
        {t('frame.skip')}
      </a>
      <TopBar view={route.view} />
      <Navigation view={route.view} />
      <main id="main" tabIndex={-1} aria-label={title}>
        <Banner />
        <Boundary key={route.view}>
          {route.view === 'overview' ? <Overview /> : <Lazy load={load[route.view]} params={route.params} />}
        </Boundary>
      </main>
      <Toasts />
    </div>
  );
}

/** toMain moves the focus without leaving the view, as the hash is the address. */
function toMain(event: Event): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

/** Navigation leads to all views; to that of the cluster where there is one. */
function Navigation({ view }: { view: View }) {
  const clustered = (useCell(status)?.node ?? '') !== '';
  return (
    <nav class="views" aria-label={t('frame.menu')}>
      {views.filter((v) => v !== 'cluster' || clustered).map((v) => (
        <a key={v} href={href(v)} {...(v === view ? { 'aria-current': 'page' as const } : {})}>
          {t(`view.${v}`)}
        </a>
      ))}
    </nav>
  );
}
