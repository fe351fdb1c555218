// What a connection does in a stretch of time, reckoned from its plan: each request waits until it is due and until there
// is room for it, those that are due first go first.

/** Request is one of a plan: /api/v1/plan. */
export interface Request {
  device: string;
  unit_id: number;
  function: number;
  table: string;
  first: number;
  count: number;
  wasted: number;
  tags: string[];
  period_ms: number;
  due_ms: number;
  time_ms: number;
  share: number;
}

/** Block is a request that is sent once: when, for how long, and how long it waited for its turn. */
export interface Block {
  request: Request;
  start: number;
  end: number;
  waited: number;
}

export interface Timeline {
  /** In milliseconds. */
  span: number;
  blocks: Block[];
  /** Shares of the span in which nothing is sent, 0 to 1. */
  free: number;
  /** There are more requests in the span than are drawn. */
  cut: boolean;
}

/** most is how many blocks are drawn; more would be a wall. */
export const most = 2000;

/** periods are those of the requests, shortest first. */
export function periods(requests: readonly Request[]): number[] {
  return [...new Set(requests.map((r) => r.period_ms))].sort((a, b) => a - b);
}

/** lay draws the first span of the plan, on a connection that takes parallel requests at a time, of different devices. */
export function lay(requests: readonly Request[], span: number, parallel: number): Timeline {
  const { due, cut } = dues(requests, span);
  const free = Array.from({ length: Math.max(1, parallel) }, () => 0);
  const busyUntil = new Map<string, number>();
  const blocks: Block[] = [];
  for (const d of due) {
    const at = free.indexOf(Math.min(...free));
    const start = Math.max(d.at, free[at]!, busyUntil.get(d.request.device) ?? 0);
    const end = start + d.request.time_ms;
    free[at] = end;
    busyUntil.set(d.request.device, end);
    if (start < span) blocks.push({ request: d.request, start, end, waited: start - d.at });
  }
  return { span, blocks, free: 1 - covered(blocks, span) / span, cut };
}

function dues(requests: readonly Request[], span: number): { due: { at: number; request: Request }[]; cut: boolean } {
  const due: { at: number; request: Request }[] = [];
  for (const request of requests) {
    if (!(request.period_ms > 0)) continue;
    for (let at = request.due_ms % request.period_ms; at < span && due.length <= 20 * most; at += request.period_ms) due.push({ at, request });
  }
  due.sort((a, b) => a.at - b.at || a.request.period_ms - b.request.period_ms);
  return { due: due.slice(0, most), cut: due.length > most };
}

/** covered is how much of the span at least one block is in. */
function covered(blocks: readonly Block[], span: number): number {
  let sum = 0;
  let until = 0;
  for (const b of [...blocks].sort((x, y) => x.start - y.start)) {
    const from = Math.max(b.start, until);
    const to = Math.min(b.end, span);
    if (to > from) sum += to - from;
    until = Math.max(until, to);
  }
  return sum;
}

/** ticks are instants of a span to write under it, at most ten, at whole steps. */
export function ticks(span: number): number[] {
  const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 300_000, 600_000, 1_800_000, 3_600_000];
  const step = steps.find((s) => span / s <= 10) ?? Math.ceil(span / 10);
  const list: number[] = [];
  for (let at = 0; at <= span; at += step) list.push(at);
  return list;
}
