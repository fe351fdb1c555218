// A day in front of the page, in miniature: thousands of answers, each with other values and 40 seconds after the one before.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CDPSession, Page } from 'playwright-core';
import { boiler } from './names.ts';
import { settled, stage } from './rig.ts';

const s = stage({ devices: [boiler] });

const hours = 8;
const step = 40_000; // milliseconds between answers
const answers = (hours * 3_600_000) / step;

/** hurry has the page's clock go on by a step with each answer, its timers end at once, and each answer have other values. */
async function hurry(page: Page): Promise<void> {
  await page.addInitScript((by) => {
    const w = window as unknown as { answers: number };
    w.answers = 0;
    const real = Date;
    const begin = real.now();
    const now = () => begin + w.answers * by;
    globalThis.Date = class extends real {
      constructor(...given: [] | [number]) {
        super(...((given.length === 0 ? [now()] : given) as [number]));
      }
      static override now = now;
    } as DateConstructor;
    const later = globalThis.setTimeout;
    globalThis.setTimeout = ((f: () => void, ms = 0) => later(f, ms >= 900 && ms < 15_000 ? 1 : ms)) as typeof setTimeout;
    const ask = globalThis.fetch;
    globalThis.fetch = async (path, options) => {
      const answer = await ask(path as string, options);
      if (/changes\?|overview$/.test(String(path))) w.answers++;
      if (!/changes\?/.test(String(path)) || !answer.ok) return answer;
      const said = (await answer.json()) as { now: string; values: unknown[][] };
      const time = new real(now()).toISOString();
      said.now = time;
      const rows = said.values.length > 0 ? said.values.map((v) => v[0]) : [0, 1];
      said.values = rows.map((row) => [row, w.answers % 1000, w.answers % 7 === 0 ? 'BadTimeout' : 'Good', time, time, 'abcd', w.answers % 7 === 0 ? `no answer ${w.answers}` : '', '']);
      return new Response(JSON.stringify(said), { status: 200, headers: { 'Content-Type': 'application/json' } });
    };
  }, step);
}

interface Held {
  heap: number;
  nodes: number;
  listeners: number;
}

async function held(cdp: CDPSession): Promise<Held> {
  for (let n = 0; n < 3; n++) await cdp.send('HeapProfiler.collectGarbage');
  const { metrics } = await cdp.send('Performance.getMetrics');
  const of = (name: string) => metrics.find((m) => m.name === name)?.value ?? NaN;
  return { heap: of('JSHeapUsedSize'), nodes: of('Nodes'), listeners: of('JSEventListeners') };
}

const views = {
  overview: '#/overview',
  values: '#/values?tag=boiler%2Ftemperature',
  trends: '#/trends?tag=boiler%2Ftemperature&tag=boiler%2Fpressure&range=3600',
};

for (const [name, at] of Object.entries(views)) {
  test(`${name}: eight hours hold no more memory than one`, () =>
    s.look({ allowed: /status of 4\d\d/ }, async (page) => {
      page.setDefaultTimeout(180_000);
      await hurry(page);
      await page.goto('about:blank');
      await page.goto(`${s.plant.url}/${at}`);
      await settled(page);
      const cdp = await page.context().newCDPSession(page);
      await cdp.send('Performance.enable');
      const after = async (n: number) => {
        await page.waitForFunction((least) => (window as unknown as { answers: number }).answers >= least, n, { polling: 200 });
        return held(cdp);
      };
      const first = await after(answers / hours);
      const last = await after(answers);
      const grown = { heap: last.heap - first.heap, nodes: last.nodes - first.nodes, listeners: last.listeners - first.listeners };
      console.log(`${name}: after 1 h ${Math.round(first.heap / 1024)} KiB, ${first.nodes} nodes; after ${hours} h ${Math.round(last.heap / 1024)} KiB, ${last.nodes} nodes`);
      assert.ok(grown.heap < 1 << 20 && grown.nodes < 500 && grown.listeners < 100, JSON.stringify({ first, last, grown }));
    }));
}
