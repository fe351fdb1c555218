// Colour, sign and word together, so that none of them is needed alone.
import { classOf, meaningOf, signs, words, type QualityClass } from '../quality.ts';
import { t } from '../text/index.ts';

/** Badge is text with the sign and colour of a class. */
export function Badge({ kind, text, title }: { kind: QualityClass | 'none'; text: string; title?: string }) {
  return (
    <span class={`badge ${kind}`} {...(title ? { title } : {})}>
      {kind === 'none' ? null : <span aria-hidden="true">{signs[kind]} </span>}
      {text}
    </span>
  );
}

/** Away is what another member of the cluster reads; by: which one, '': nobody. */
export function Away({ by }: { by: string }) {
  return <Badge kind="away" text={by === '' ? t('overview.elsewhere') : t('overview.readby', { node: by })} />;
}

/** QualityBadge is a quality by its name, such as BadTimeout; what is plainly good is said in a word. */
export function QualityBadge({ quality }: { quality: string }) {
  const kind = classOf(quality);
  return <Badge kind={kind} text={quality === 'Good' ? t(words.good) : quality} title={meaningOf(quality) || t(words[kind])} />;
}
