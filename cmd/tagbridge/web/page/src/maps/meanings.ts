// The meanings of columns, as the bridge tells them.
import { get } from '../api.ts';
import { t } from '../text/index.ts';
import { knownOf, learnColumns, type Column } from './columns.ts';

let asked: Promise<void> | undefined;

/** Asks the bridge once which columns there are; without an answer those that the page knows by itself are all. */
export function loadColumns(): Promise<void> {
  asked ??= get<Column[]>('/api/v1/columns').then(
    ({ data }) => learnColumns(data),
    () => {
      asked = undefined;
    },
  );
  return asked;
}

/** What a column means, in a line or two. */
export function meaningOf(name: string): string {
  if (name === '') return '';
  if (name.startsWith('#') || name.toLowerCase().startsWith('x_')) return t('maps.ignored');
  const found = knownOf(name);
  if (!found) return t('maps.unknown');
  return found.standard && found.standard !== 'required' ? `${found.meaning} (${t('maps.standard')}: ${found.standard})` : found.meaning;
}
