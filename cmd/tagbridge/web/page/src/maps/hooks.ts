// What the components of this view follow.
import { useEffect, useState } from 'preact/hooks';
import { ApiError } from '../api.ts';
import { onReachable } from '../connection.ts';
import { openMap } from './desk.ts';
import type { Opened } from './opened.ts';

/** A map that is opened, or why it is not. */
export function useOpened(name: string): { opened: Opened | undefined; fault: string } {
  const [state, set] = useState<{ name: string; opened?: Opened; fault: string }>({ name, fault: '' });
  useEffect(() => {
    let there = true;
    const ask = () =>
      openMap(name).then(
        (opened) => there && set({ name, opened, fault: '' }),
        (err: unknown) => there && set({ name, fault: err instanceof ApiError ? err.text : String(err) }),
      );
    void ask();
    const forget = onReachable(() => void ask());
    return () => {
      there = false;
      forget();
    };
  }, [name]);
  return state.name === name ? { opened: state.opened, fault: state.fault } : { opened: undefined, fault: '' };
}

/** Renders again whenever a map has changed. */
export function useFollowed(opened: Opened): void {
  const [, again] = useState(0);
  useEffect(() => opened.follow(() => again((n) => n + 1)), [opened]);
}
