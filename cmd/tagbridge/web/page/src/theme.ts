// Dark or light: as the system has it, or as chosen.
import { Cell, remember, remembered } from './store.ts';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

export const theme = new Cell<Theme>(themes.find((x) => x === remembered('theme')) ?? 'system');

/** shown grows each time the colours may have changed, for what draws them itself (trends). */
export const shown = new Cell(0);

/** applyTheme has the page look as chosen. */
export function applyTheme(): void {
  if (theme.get() === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme.get();
  shown.set(shown.get() + 1);
}

export function chooseTheme(to: Theme): void {
  theme.set(to);
  remember('theme', to);
  applyTheme();
}

/** colour is a custom property of the theme as it is now, such as --bad. */
export function colour(property: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(property).trim();
}
