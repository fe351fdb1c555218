// All words that are shown. t says one in the language of the browser, or that which was chosen.
import { Cell, remember, remembered } from '../store.ts';
import { de } from './de.ts';
import { en, type Texts } from './en.ts';

export type Key = keyof Texts;
export const languages = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof languages;

const all: Record<Language, Texts> = { en, de };

function isLanguage(text: string | null): text is Language {
  return text !== null && text in languages;
}

function preferred(): Language {
  const chosen = remembered('language');
  if (isLanguage(chosen)) return chosen;
  for (const tag of globalThis.navigator?.languages ?? []) {
    const short = tag.slice(0, 2).toLowerCase();
    if (isLanguage(short)) return short;
  }
  return 'en';
}

export const language = new Cell<Language>(preferred());

export function chooseLanguage(to: Language): void {
  remember('language', to);
  language.set(to);
  document.documentElement.lang = to;
}

type Values = Record<string, string | number>;

/** t is a text with its {names} filled in. */
export function t(key: Key, values: Values = {}): string {
  return all[language.get()][key].replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

/** count is the text of KEY.one or KEY.other with {n}. */
export function count(key: Counted, n: number, values: Values = {}): string {
  return t(`${key}.${n === 1 ? 'one' : 'other'}`, { n, ...values });
}

/** Counted are the keys that have both. */
export type Counted = { [K in Key]: K extends `${infer Base}.one` ? Base : never }[Key];
