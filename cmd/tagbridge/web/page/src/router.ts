// Addresses within the page: #/values?device=boiler&tag=temperature. They can be kept, sent and gone back to.
import { useEffect, useState } from 'preact/hooks';

export const views = ['overview', 'values', 'trends', 'alarms', 'connections', 'sinks', 'cluster', 'events', 'maps', 'manual'] as const;
export type View = (typeof views)[number];

/** Route is where one is: a view and what it is asked for. */
export interface Route {
  view: View;
  params: URLSearchParams;
}

type Params = Record<string, string | number | undefined> | URLSearchParams;

/** parseRoute reads a hash. An address that there is not leads to the overview. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = split(hash.replace(/^#\/?/, ''));
  const view = views.find((v) => v === path) ?? 'overview';
  return { view, params: new URLSearchParams(query) };
}

function split(text: string): string[] {
  const at = text.indexOf('?');
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** href is the hash of a view; parameters that are undefined or empty are left out. */
export function href(view: View, params: Params = {}): string {
  const query = new URLSearchParams();
  const entries = params instanceof URLSearchParams ? [...params] : Object.entries(params);
  for (const [name, value] of entries) {
    if (value !== undefined && value !== '') query.append(name, String(value));
  }
  const text = query.toString();
  return `#/${view}${text ? `?${text}` : ''}`;
}

/** go leads there; replace: without a step to go back. */
export function go(view: View, params: Params = {}, replace = false): void {
  const to = href(view, params);
  if (replace) {
    history.replaceState(null, '', to);
    dispatchEvent(new HashChangeEvent('hashchange'));
  } else {
    location.hash = to;
  }
}

/** setParams changes parameters of the present view without a step to go back; undefined and '' take them away. */
export function setParams(change: Record<string, string | undefined>): void {
  const { view, params } = parseRoute(location.hash);
  for (const [name, value] of Object.entries(change)) {
    if (value === undefined || value === '') params.delete(name);
    else params.set(name, value);
  }
  go(view, params, true);
}

/** useRoute is where one is, anew whenever that changes. */
export function useRoute(): Route {
  const [route, set] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const changed = () => set(parseRoute(location.hash));
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return route;
}
