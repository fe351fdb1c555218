// A stretch of a connection's time as a picture: a row a device, a block a request.
import { useMemo, useState } from 'preact/hooks';
import { count, t } from '../text/index.ts';
import { percent } from '../number.ts';
import { lay, periods, ticks, type Block, type Request } from '../timeline.ts';

const width = 1000;
const rowHeight = 22;
const mostRows = 40;
/** A span that is longer than this is not shown by itself: its blocks would be too narrow to see. */
const longest = 60_000;

/** milliseconds is a duration as people say it. */
export function milliseconds(ms: number): string {
  if (ms >= 3_600_000) return `${trim(ms / 3_600_000)} h`;
  if (ms >= 60_000) return `${trim(ms / 60_000)} min`;
  if (ms >= 1000) return `${trim(ms / 1000)} s`;
  return `${trim(ms)} ms`;
}

const trim = (n: number) => String(Math.round(n * 100) / 100);

/** spoken is a request in words. */
export function spoken(r: Request): string {
  const last = r.first + r.count - 1;
  return t('connections.request', { device: r.device, unit: r.unit_id, table: tableName(r.table), first: r.first, last });
}

/** tableName is the field's word for holding, input, coil, discrete. */
export function tableName(table: string): string {
  switch (table) {
    case 'holding': return t('connections.table.holding');
    case 'input': return t('connections.table.input');
    case 'coil': return t('connections.table.coil');
    case 'discrete': return t('connections.table.discrete');
  }
  return table;
}

export function Timeline({ requests, parallel }: { requests: readonly Request[]; parallel: number }) {
  const spans = periods(requests);
  const usual = spans.filter((s) => s <= longest).at(-1) ?? spans[0] ?? 1000;
  const [chosen, choose] = useState(usual);
  const span = spans.includes(chosen) ? chosen : usual;
  const line = useMemo(() => lay(requests, span, parallel), [requests, span, parallel]);
  const devices = [...new Set(requests.map((r) => r.device))];
  const rows = devices.slice(0, mostRows);
  const height = rows.length * rowHeight;
  const scale = width / span;
  return (
    <div>
      <p class="line">
        <label>
          {t('connections.period')}{' '}
          <select aria-label={t('connections.period')} value={String(span)} onChange={(e) => choose(Number(e.currentTarget.value))}>
            {spans.map((s) => <option key={s} value={String(s)}>{milliseconds(s)}</option>)}
          </select>
        </label>
        <span>{t('connections.free', { share: percent(Math.max(0, line.free)) })}</span>
      </p>
      <div class="timeline">
        <div class="names">{rows.map((d) => <div key={d} title={d}>{d}</div>)}</div>
        <svg viewBox={`0 0 ${width} ${height}`} height={height} preserveAspectRatio="none" role="img" aria-label={t('connections.drawn', { n: line.blocks.length, period: milliseconds(span) })}>
          {rows.map((d, i) => <rect key={d} class={i % 2 ? 'odd' : 'even'} x={0} y={i * rowHeight} width={width} height={rowHeight} />)}
          {line.blocks.map((b, i) => <Drawn key={i} block={b} row={rows.indexOf(b.request.device)} scale={scale} />)}
        </svg>
        <div class="ticks" aria-hidden="true">{ticks(span).filter((at) => at < 0.97 * span).map((at) => <span key={at} style={{ left: `${(100 * at) / span}%` }}>{milliseconds(at)}</span>)}</div>
      </div>
      {devices.length > rows.length ? <p class="soft">{count('connections.rows', devices.length - rows.length)}</p> : null}
      {line.cut ? <p class="soft">{t('connections.cut')}</p> : null}
    </div>
  );
}

function Drawn({ block, row, scale }: { block: Block; row: number; scale: number }) {
  if (row < 0) return null;
  const said = `${spoken(block.request)}\n${t('connections.block', { at: milliseconds(block.start), time: milliseconds(block.request.time_ms) })}`;
  return (
    <rect
      class={block.waited > 0 ? 'block waited' : 'block'}
      x={block.start * scale}
      y={row * rowHeight + 3}
      width={Math.max(1.5, (block.end - block.start) * scale)}
      height={rowHeight - 6}
    >
      <title>{block.waited > 0 ? `${said}\n${t('connections.waited', { time: milliseconds(block.waited) })}` : said}</title>
    </rect>
  );
}
