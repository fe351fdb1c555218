// A print is on white paper, whatever colours the screen has.
import { useEffect } from 'preact/hooks';
import { applyTheme, theme } from '../theme.ts';

/** usePrint has what is drawn be light while it is printed. */
export function usePrint(): void {
  useEffect(() => {
    let before = theme.get();
    const begin = () => {
      before = theme.get();
      theme.set('light');
      applyTheme();
    };
    const end = () => {
      theme.set(before);
      applyTheme();
    };
    addEventListener('beforeprint', begin);
    addEventListener('afterprint', end);
    return () => {
      removeEventListener('beforeprint', begin);
      removeEventListener('afterprint', end);
    };
  }, []);
}
