// The meanings of columns, as the manual has them.
import reference from '../../../../../../configs/manual/reference/columns.md';
import { t } from '../text/index.ts';
import { readMeanings } from './columns.ts';

const meanings = readMeanings(reference);

/** What a column means, in a line or two. */
export function meaningOf(name: string): string {
  if (name === '') return '';
  if (name.startsWith('#') || name.toLowerCase().startsWith('x_')) return t('maps.ignored');
  const found = meanings.get(name.startsWith('label.') ? 'label.X' : name.toLowerCase());
  if (!found) return t('maps.unknown');
  const meaning = found.meaning.replace(/`/g, '').replaceAll('\\|', '|');
  return found.standard && found.standard !== 'required' ? `${meaning} (${t('maps.standard')}: ${found.standard.replace(/`/g, '')})` : meaning;
}
