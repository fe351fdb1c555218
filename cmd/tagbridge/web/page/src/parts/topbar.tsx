// The bar at the top: whose bridge, how it is, whether the page is live, colours and language.
import { useConnection } from '../connection.ts';
import { verdictText } from '../remarks.ts';
import type { View } from '../router.ts';
import { status, type Status } from '../status.ts';
import { useCell } from '../store.ts';
import { chooseLanguage, language, languages, t, type Language } from '../text/index.ts';
import { chooseTheme, theme, themes, type Theme } from '../theme.ts';
import { zone, zoneShort } from '../time.ts';

/** TopBar has the verdict but where the view begins with it. */
export function TopBar({ view }: { view: View }) {
  const c = useConnection();
  const said = useCell(status);
  return (
    <header class="top">
      <a class="name" href="#/overview" title={said ? `tagbridge ${said.version}` : ''}>
        {said?.bridge ?? 'tagbridge'}
      </a>
      {said && view !== 'overview' ? <Verdict status={said} /> : <span class="grow" />}
      <span class={c.reachable ? 'state live' : 'state gone'}>
        <span aria-hidden="true">{c.reachable ? '●' : '✕'}</span> {t(c.reachable ? 'frame.live' : 'frame.offline')}
      </span>
      <span class="zone" title={t('common.zone', { zone: zone() })}>
        {zoneShort()}
      </span>
      <Settings />
    </header>
  );
}

function Verdict({ status: s }: { status: Status }) {
  const text = verdictText(s);
  return (
    <a class={`verdict ${s.well ? 'good' : 'bad'}`} href="#/overview" title={text}>
      <span aria-hidden="true">{s.well ? '●' : '✕'}</span> {text}
    </a>
  );
}

function Settings() {
  const chosen = useCell(theme);
  return (
    <span class="settings">
      <select aria-label={t('frame.theme')} value={chosen} onChange={(e) => chooseTheme(e.currentTarget.value as Theme)}>
        {themes.map((x) => (
          <option key={x} value={x}>
            {t(`frame.theme.${x}`)}
          </option>
        ))}
      </select>
      <select aria-label={t('frame.language')} value={language.get()} onChange={(e) => chooseLanguage(e.currentTarget.value as Language)}>
        {Object.entries(languages).map(([short, name]) => (
          <option key={short} value={short} lang={short}>
            {name}
          </option>
        ))}
      </select>
    </span>
  );
}
