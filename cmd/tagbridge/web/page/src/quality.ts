// Qualities are the status codes of OPC UA by name: Good, GoodClamped, UncertainEngineeringUnitsExceeded, BadTimeout.
import { language, type Key } from './text/index.ts';
import { qualityTexts } from './text/qualities.ts';

export type QualityClass = 'good' | 'uncertain' | 'bad' | 'away';

/** classOf is what the name of a quality begins with. A name that nobody knows is not good. */
export function classOf(quality: string): QualityClass {
  if (quality.startsWith('Good')) return 'good';
  if (quality.startsWith('Uncertain')) return 'uncertain';
  if (quality === 'Elsewhere') return 'away'; // another member of the cluster reads it
  return 'bad';
}

/** meaningOf is what a quality means, in a few words; '' where its name is all that is known. */
export function meaningOf(quality: string): string {
  return qualityTexts[language.get()][quality] ?? '';
}

/** signs tell the classes apart without colour. */
export const signs: Record<QualityClass, string> = { good: '●', uncertain: '▲', bad: '✕', away: '→' };

/** words are what people say for them. */
export const words: Record<QualityClass, Key> = {
  good: 'quality.good',
  uncertain: 'quality.uncertain',
  bad: 'quality.bad',
  away: 'quality.away',
};

/** colours are the custom properties of the theme that they have. */
export const colours: Record<QualityClass, string> = { good: '--good', uncertain: '--uncertain', bad: '--bad', away: '--soft' };
