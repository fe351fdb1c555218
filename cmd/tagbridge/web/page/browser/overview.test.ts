import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import type { Device, Line, Overview, Sink } from '../src/overview/answers.ts';
import type { Status } from '../src/status.ts';
import { absent, boiler, worse } from './names.ts';
import { accessible, fake, phone, pictures, settled, stage } from './rig.ts';

const s = stage({ devices: [boiler, absent] });

async function shown(page: Page): Promise<void> {
  await settled(page);
  await page.locator('.verdict-panel').waitFor();
  await page.locator('main table').nth(3).waitFor();
}

test('what is wrong is on top and leads to where it is mended', () =>
  s.look({}, async (page) => {
    await shown(page);
    await page.locator('.verdict-panel.bad').waitFor();
    const verdict = page.locator('.verdict-panel .sentence');
    assert.match(await verdict.innerText(), /NOT WELL: 1 of 2 devices is offline/);
    const { verdict: said } = (await (await fetch(`${s.plant.url}/api/v1/status`)).json()) as Status;
    assert.ok((await verdict.innerText()).endsWith(said));
    assert.equal(await page.locator('.top .verdict').count(), 0, 'the verdict is said twice');
    const first = page.getByRole('region', { name: 'Devices' }).locator('tbody tr').first();
    assert.match(await first.innerText(), /press[\s\S]*offline/);
    await page.locator('.remarks a').first().click();
    await page.waitForFunction(() => location.hash === '#/events?device=press');
    assert.equal(await page.locator('.top .verdict').getAttribute('title'), said);
    await page.goBack();
    const bar = await page.locator('.gauge .measured').first().evaluate((e) => e.getBoundingClientRect().height);
    assert.ok(bar > 4, `the bar of what is measured is ${bar} high`);
    await page.getByRole('region', { name: 'Devices' }).getByRole('link', { name: 'boiler' }).click();
    await page.waitForFunction(() => location.hash === '#/values?device=boiler');
  }));

test('German says the same', () =>
  s.look({ locale: 'de-DE' }, async (page) => {
    await shown(page);
    assert.match(await page.locator('.verdict-panel .sentence').innerText(), /NICHT IN ORDNUNG: 1 von 2 Geräten ist offline/);
    assert.match(await page.locator('.remarks li').first().innerText(), /^Gerät press ist seit .* offline: /);
    await pictures(page, 'overview-german');
  }));

test('alarms are on top, the most urgent first', () =>
  s.look({}, async (page) => {
    const alarm = { device: 'boiler', tag: 'temp', level: 'hi', since: new Date(Date.now() - 90_000).toISOString(), value: 85.5, limit: 80, unit: '°C', quality: 'Good', priority: 2, text: 'Check the pump' };
    await fake<Overview>(page, '/api/v1/overview', (o) => ({ ...o, status: { ...o.status, alarms: 61, alarms_urgent: 1 },
      alarms: [{ ...alarm, tag: 'door', level: 'alarm', priority: 1, value: null, limit: null, unit: '', quality: 'BadTimeout', text: worse[0]! }, alarm] }));
    await page.reload();
    await shown(page);
    const rows = page.getByRole('region', { name: 'Alarms' }).locator('tbody tr');
    await rows.nth(1).waitFor();
    assert.match(await rows.nth(0).innerText(), /boiler\/door[\s\S]*alarm, priority 1[\s\S]*BadTimeout/);
    assert.match(await rows.nth(1).innerText(), /hi, priority 2[\s\S]*1 min 3\d s[\s\S]*85.5\u202f°C[\s\S]*80\u202f°C[\s\S]*Check the pump/);
    await page.getByText('and 59 more, which are less urgent').waitFor();
    await accessible(page);
    await pictures(page, 'overview-alarms');
    assert.equal(await rows.nth(1).getByRole('link').getAttribute('href'), '#/values?tag=boiler%2Ftemp'); // which is not in the plant
  }));

test('a mistake on disk is told of, with its row', () =>
  s.look({}, async (page) => {
    await shown(page);
    assert.equal(await page.locator('.mono').count(), 0);
    s.plant.file('tags/boiler.csv', boiler.map.replace('float32', 'flaot32'));
    const link = page.locator('.remarks a', { hasText: 'boiler.csv:3' });
    await link.waitFor();
    await pictures(page, 'overview-disk');
    assert.match((await link.getAttribute('href')) ?? '', /^#\/maps\?file=.*boiler\.csv&row=3$/);
    s.plant.file('tags/boiler.csv', boiler.map);
    await link.waitFor({ state: 'detached' });
  }));

test('names of anybody stay text', () =>
  s.look({ at: '#/values' }, async (page) => {
    const name = (i: number) => worse[i % worse.length]!;
    const many = <T extends object>(key: keyof T, rest: Partial<T>) => worse.map((w) => ({ ...rest, [key]: w }) as T);
    const hostile = (said: Status): Status => ({ ...said, bridge: '\u202eright-to-left\u202c', verdict: `NOT WELL: ${worse.join(' ')}`, well: false,
      problems: worse.map((w) => ({ code: 'offline', name: w, text: w, values: { error: w, for_seconds: 3 } })), notes: worse.map((w) => ({ code: w, name: w, text: w, values: {} })) });
    await fake<Status>(page, '/api/v1/status', hostile);
    await fake<Overview>(page, '/api/v1/overview', (o) => ({
      status: hostile(o.status),
      devices: many<Device>('device', { ...o.devices[0]!, error: name(1), url: name(2) }),
      lines: many<Line>('line', o.lines[0]!),
      sinks: many<Sink>('sink', { ...o.sinks[0]!, error: name(3), connected: false }),
      events: worse.map((w, i) => ({ time: '2026-03-01T02:00:00Z', kind: w, device: w, tag: i % 2 ? w : '', sink: i % 3 ? '' : w, text: w, by: w })),
      alarms: worse.map((w) => ({ device: w, tag: w, level: w, since: w, value: w, limit: w, unit: w, quality: w, priority: 2, text: w })),
      problems: worse.map((w) => ({ file: w, line: 3, column: 1, header: w, severity: w, message: w })),
    }));
    await page.evaluate(() => (location.hash = '#/overview'));
    await shown(page);
    await page.waitForFunction(() => document.querySelectorAll('.remarks li').length > 20);
    assert.equal(await page.locator('.top .name').innerText(), '‹U+202E›right-to-left‹U+202C›');
    const strange = await page.evaluate(() => document.querySelectorAll('#page img, #page script, #page b, #page iframe').length);
    assert.equal(strange, 0);
    await accessible(page);
    await pictures(page, 'overview-hostile');
    await page.setViewportSize(phone);
    const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide! <= room!, `the page is ${wide} wide on a phone of ${room}`);
  }));

test('500 devices: those that are not well, and on demand all', () =>
  s.look({ at: '#/values' }, async (page) => {
    await fake<Overview>(page, '/api/v1/overview', (o) => ({ ...o,
      devices: Array.from({ length: 500 }, (_, i) => ({ ...o.devices[0]!, device: `drive-${i}`, online: i % 20 !== 7, error: i % 20 === 7 ? 'no answer within 1s' : '', bad_tags: 0 })) }));
    await page.evaluate(() => (location.hash = '#/overview'));
    await shown(page);
    const rows = page.getByRole('region', { name: 'Devices' }).locator('tbody tr');
    await page.waitForFunction(() => document.querySelectorAll('section table tbody tr').length > 20);
    assert.equal(await rows.count(), 25);
    assert.match(await rows.first().innerText(), /drive-7\s/);
    await pictures(page, 'overview-500');
    await page.getByRole('button', { name: '475 more, which are well: show them' }).click();
    assert.equal(await rows.count(), 500);
    await page.getByRole('button', { name: 'Show only what is not well' }).click();
    assert.equal(await rows.count(), 25);
  }));

test('a day of the page in miniature does not grow', () =>
  s.look({ at: '#/values' }, async (page) => {
    const polls = Number(process.env['PAGE_POLLS'] ?? 150);
    // Time goes by two hundred times as fast for what waits half a second or more.
    await page.addInitScript(() => {
      const plain = globalThis.setTimeout;
      globalThis.setTimeout = ((f: () => void, ms = 0, ...more: unknown[]) => plain(f, ms >= 500 ? ms / 200 : ms, ...more)) as typeof setTimeout;
    });
    let answers = 0;
    page.on('requestfinished', (r) => (answers += r.url().includes('/api/v1/overview') ? 1 : 0));
    await page.goto(`${s.plant.url}/?again#/overview`);
    await shown(page);
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Performance.enable');
    const measured = async (after: number) => {
      const end = answers + after;
      while (answers < end) await page.waitForEvent('requestfinished');
      await cdp.send('HeapProfiler.collectGarbage');
      const { metrics } = await cdp.send('Performance.getMetrics');
      const of = (name: string) => metrics.find((m) => m.name === name)?.value ?? 0;
      return { heap: of('JSHeapUsedSize'), nodes: of('Nodes'), listeners: of('JSEventListeners') };
    };
    const before = await measured(150);
    const later = await measured(polls);
    console.log(`after ${polls} polls: heap ${before.heap} → ${later.heap}, nodes ${before.nodes} → ${later.nodes}, listeners ${before.listeners} → ${later.listeners}`);
    assert.ok(later.heap < before.heap + 1_000_000, `the heap grew from ${before.heap} to ${later.heap}`);
    assert.ok(later.nodes < before.nodes + 500, `nodes grew from ${before.nodes} to ${later.nodes}`);
    assert.ok(later.listeners < before.listeners + 50, `listeners grew from ${before.listeners} to ${later.listeners}`);
  }));
