// What one asks a device while one works at its map: Read now, Find a value, Browse. They are one panel beside the grid.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, isAbort } from '../../api.ts';
import { Drawer } from '../../parts/drawer.tsx';
import { usePoll } from '../../poll.ts';
import { count, t } from '../../text/index.ts';
import { toast } from '../../parts/toast.tsx';
import type { DrawerProps } from '../drawers.tsx';
import type { Range } from '../selection.ts';
import type { Cells } from './api.ts';
import { Browse } from './browse.tsx';
import { Find } from './find.tsx';
import { ReadNow } from './readnow.tsx';
import { named } from './rows.ts';

export const asks = ['read', 'find', 'browse'] as const;
export type Ask = (typeof asks)[number];

/** What each part of the panel is given. */
export interface AskProps extends DrawerProps {
  picked: Range;
  /** Puts rows at the end of the map, with names that it does not have yet. */
  add: (rows: readonly Cells[]) => void;
}

/** useDriver is the driver of a device that runs; '' while it is not known, or there is none. */
export function useDriver(device: string): string {
  const devices = usePoll<{ device: string; driver: string }[]>('/api/v1/devices', 30_000);
  return devices.data?.find((d) => d.device === device)?.driver ?? '';
}

/** asksOf are the questions that a device of a driver can be asked. */
export function asksOf(driver: string): readonly Ask[] {
  if (driver === 'modbus') return ['read', 'find'];
  return driver === 'opcua' ? ['read', 'browse'] : [];
}

export function AskPanel({ ask, driver, picked, choose, ...props }: DrawerProps & { ask: Ask; driver: string; picked: Range; choose: (a: Ask) => void }) {
  const { opened, grid, device } = props;
  const add = (rows: readonly Cells[]) => {
    const { table } = opened;
    if (!table || rows.length === 0) return;
    const before = table.rows;
    if (!table.append(named(table, rows))) return;
    opened.edited();
    grid?.lead(before, 0, false);
    toast(count('ask.added', rows.length));
  };
  const close = () => {
    opened.readings.clear();
    opened.tell();
    props.close();
  };
  const parts = asksOf(driver);
  const shared = { ...props, picked, add, close };
  return (
    <Drawer title={t('ask.title', { device })} close={close} beside>
      {parts.length > 1 ? (
        <fieldset class="choice" aria-label={t('ask.what')}>
          {parts.map((a) => (
            <button key={a} type="button" aria-pressed={a === ask} onClick={() => choose(a)}>
              {t(`ask.${a}`)}
            </button>
          ))}
        </fieldset>
      ) : null}
      {ask === 'read' ? <ReadNow {...shared} /> : ask === 'find' ? <Find {...shared} /> : <Browse key={device} {...shared} />}
    </Drawer>
  );
}

/** useAsking is one question at a time: run asks it, and says what became of it. */
export function useAsking(): { busy: boolean; fault: string; run: (f: (signal: AbortSignal) => Promise<void>) => void; stop: () => void } {
  const [ending, under] = useState<AbortController>();
  const [fault, say] = useState('');
  const last = useRef<AbortController>(undefined);
  useEffect(() => () => last.current?.abort(), []); // nobody waits for it any more
  const run = (f: (signal: AbortSignal) => Promise<void>) => {
    const mine = new AbortController();
    under(mine);
    last.current = mine;
    say('');
    f(mine.signal)
      .catch((err: unknown) => {
        if (!isAbort(err)) say(err instanceof ApiError ? err.text : String(err));
      })
      .finally(() => under((now) => (now === mine ? undefined : now)));
  };
  return { busy: ending !== undefined, fault, run, stop: () => ending?.abort() };
}

/** Refused is why a question has no answer, in the words of the bridge. */
export function Refused({ fault }: { fault: string }) {
  return fault === '' ? null : (
    <p class="notice warn" role="alert">
      {t('ask.refused')} <span lang="en">{fault}</span>
    </p>
  );
}
