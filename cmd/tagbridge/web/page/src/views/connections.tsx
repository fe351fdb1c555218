import { useMemo } from 'preact/hooks';
import { Line, type LineState } from '../connections/line.tsx';
import type { Connection, DeviceState } from '../connections/line.tsx';
import { Empty } from '../parts/empty.tsx';
import { usePoll } from '../poll.ts';
import { setParams } from '../router.ts';
import { count, t } from '../text/index.ts';
import type { ViewProps } from '../view.ts';

/** several is above how many connections they are closed until one is asked for. */
const several = 3;
const shown = 200;

export default function Connections({ params }: ViewProps) {
  const lines = usePoll<LineState[]>('/api/v1/lines', 2000);
  const devices = usePoll<DeviceState[]>('/api/v1/devices', 2000);
  const plan = usePoll<Connection[]>('/api/v1/plan', 60_000);
  const plans = useMemo(() => new Map((plan.data ?? []).map((c) => [c.endpoint, c])), [plan.data]);
  const find = params.get('find') ?? '';
  const device = params.get('device') ?? '';
  const byLine = useMemo(() => grouped(devices.data ?? [], plan.data ?? []), [devices.data, plan.data]);
  const all = lines.data ?? [];
  const wanted = all.filter((l) => fits(l, byLine.get(l.line) ?? [], find, device)).sort(worstFirst);
  if (!lines.data) return <Frame>{lines.error ? <Empty>{t('common.error', { text: lines.error.text })}</Empty> : <p class="loading">{t('common.loading')}</p>}</Frame>;
  if (all.length === 0) return <Frame><Empty>{t('connections.none')}</Empty></Frame>;
  return (
    <Frame>
      {all.length > several || find || device ? (
        <p class="line">
          <input type="search" aria-label={t('connections.find')} placeholder={t('connections.find')} value={device || find} onInput={(e) => setParams({ find: e.currentTarget.value, device: undefined })} />
          <span class="soft">{t('connections.of', { n: wanted.length, all: all.length })}</span>
        </p>
      ) : null}
      {wanted.slice(0, shown).map((l) => <Line key={l.line} line={l} plan={plans.get(l.line)} devices={byLine.get(l.line) ?? []} open={wanted.length <= several} />)}
      {wanted.length === 0 ? <Empty>{t('connections.nothing')}</Empty> : null}
      {wanted.length > shown ? <p class="soft">{count('connections.more', wanted.length - shown)}</p> : null}
    </Frame>
  );
}

function Frame({ children }: { children?: preact.ComponentChildren }) {
  return (
    <>
      <h1>{t('view.connections')}</h1>
      {children}
    </>
  );
}

/** grouped are the devices by their connections, which the plan tells. */
function grouped(devices: readonly DeviceState[], plan: readonly Connection[]): Map<string, DeviceState[]> {
  const lineOf = new Map<string, string>();
  for (const c of plan) for (const name of c.devices) lineOf.set(name, c.endpoint);
  const by = new Map<string, DeviceState[]>();
  for (const d of devices) {
    const line = lineOf.get(d.device);
    if (line !== undefined) by.set(line, [...(by.get(line) ?? []), d]);
  }
  return by;
}

function fits(l: LineState, devices: readonly DeviceState[], find: string, device: string): boolean {
  if (device) return devices.some((d) => d.device === device);
  const word = find.toLowerCase();
  return l.line.toLowerCase().includes(word) || devices.some((d) => d.device.toLowerCase().includes(word));
}

/** worstFirst puts what is not connected or has no time on top. */
function worstFirst(a: LineState, b: LineState): number {
  const worth = (l: LineState) => (l.overdue_seconds > 0 ? 4 : 0) + (l.connected || l.elsewhere ? 0 : 2) + (l.slow_down.length > 0 ? 1 : 0);
  return worth(b) - worth(a);
}
