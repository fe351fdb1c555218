import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import type { DeviceState, LineState } from '../src/connections/line.tsx';
import type { Cluster } from '../src/cluster/state.ts';
import type { Overview } from '../src/overview/answers.ts';
import type { Status } from '../src/status.ts';
import { broken, sound } from './cluster.ts';
import { boiler, worse } from './names.ts';
import { accessible, fake, phone, pictures, settled, stage } from './rig.ts';

const s = stage({ devices: [boiler] });

/** clustered has the bridge be in that cluster. */
async function clustered(page: Page, c: Cluster): Promise<void> {
  await fake<Cluster>(page, '/api/v1/cluster', () => c);
  await fake<Status>(page, '/api/v1/status', (said) => ({ ...said, node: c.node }));
  await fake<Overview>(page, '/api/v1/overview', (o) => ({ ...o, status: { ...o.status, node: c.node } }));
  await page.reload();
  await settled(page);
}

const table = (page: Page, name: string) => page.getByRole('table', { name, exact: true });

test('a bridge alone has no such view in its list, and says why', () =>
  s.look({ at: '#/cluster' }, async (page) => {
    await page.getByText('This bridge is in no cluster').waitFor();
    assert.equal(await page.locator('nav.views a', { hasText: 'Cluster' }).count(), 0);
  }));

test('a cluster in which all is well: who has what, and what would move', () =>
  s.look({}, async (page) => {
    await clustered(page, sound());
    await page.locator('nav.views').getByRole('link', { name: 'Cluster' }).click();
    await page.locator('.verdict-panel.good').waitFor();
    assert.match(await page.locator('.sentence').innerText(), /All is well: 3 living members, 12 endpoints/);
    const members = table(page, 'Members').locator('tbody tr');
    assert.match(await members.nth(0).innerText(), /pc-a \(this one\)[\s\S]*takes part[\s\S]*25 h 50 min[\s\S]*2 to pc-b, 2 to pc-c/);
    assert.match(await members.nth(2).innerText(), /3 to pc-b, 1 to nobody/);
    const endpoints = table(page, 'Who reads what').locator('tbody tr');
    assert.equal(await endpoints.count(), 12);
    assert.match(await endpoints.nth(2).innerText(), /tcp:\/\/10\.0\.3\.3:502[\s\S]*pc-a \(this one\)[\s\S]*2 h 3 min[\s\S]*pc-b[\s\S]*drive-3/);
    assert.equal(await endpoints.nth(2).getByRole('link').getAttribute('href'), '#/values?device=drive-3');
    assert.equal(await table(page, 'Left by members that are gone').count(), 0);
    await page.getByText('up to date').waitFor();
    await accessible(page);
    await pictures(page, 'cluster');
  }));

test('what is wrong is on top, in words and in red', () =>
  s.look({ at: '#/cluster' }, async (page) => {
    await clustered(page, broken());
    await page.locator('.verdict-panel.bad').waitFor();
    assert.match(await page.locator('.sentence').innerText(), /4 things are not well in the cluster/);
    const said = await page.locator('.remarks').innerText();
    for (const want of ['1 of 3 NATS servers is not reached', 'Member pc-c is not heard for 12 min', 'Nobody reads 1 of 12', '1 of 12 endpoints is read by two', 'refused revision 13', 'two releases', 'no leader']) {
      assert.ok(said.includes(want), `${want} is not in ${said}`);
    }
    const endpoints = table(page, 'Who reads what').locator('tbody tr');
    assert.match(await endpoints.nth(0).innerText(), /10\.0\.3\.11:502[\s\S]*nobody: only pc-c may/);
    assert.match(await endpoints.nth(1).innerText(), /10\.0\.3\.6:502[\s\S]*twice: pc-a, pc-b/);
    assert.equal(await endpoints.locator('.badge.bad').count(), 2);
    assert.match(await table(page, 'Members').locator('tbody tr').nth(2).innerText(), /pc-c[\s\S]*gone[\s\S]*12 min \d+ s/);
    assert.match(await page.getByRole('region', { name: 'Copy of what this member has read' }).innerText(), /stands still[\s\S]*48\u202f213 samples, the oldest 41 s old/);
    assert.match(await table(page, 'Left by members that are gone').innerText(), /historian[\s\S]*pc-b delivers it[\s\S]*12\u202f480[\s\S]*broker[\s\S]*the rest is on its disk/);
    await accessible(page);
    await pictures(page, 'cluster-broken');
    if (process.env['PICTURES']) await page.screenshot({ path: `${process.env['PICTURES']}/cluster-broken-whole.png`, fullPage: true });
  }));

test('a connection that another member reads is no fault here', () =>
  s.look({ at: '#/connections' }, async (page) => {
    const away = { connected: false, elsewhere: true, read_by: 'pc-b' };
    await fake<LineState[]>(page, '/api/v1/lines', (lines) => lines.map((l) => ({ ...l, ...away })));
    await fake<DeviceState[]>(page, '/api/v1/devices', (list) => list.map((d) => ({ ...d, online: false, elsewhere: true, read_by: 'pc-b' })));
    await fake<Overview>(page, '/api/v1/overview', (o) => ({ ...o, lines: o.lines.map((l) => ({ ...l, ...away })) }));
    await page.reload();
    await settled(page);
    const card = page.locator('section.panel').first();
    await card.locator('h2 .badge.away', { hasText: 'read by pc-b' }).waitFor();
    assert.match(await card.getByRole('table').first().innerText(), /boiler[\s\S]*read by pc-b/);
    assert.equal(await page.locator('.badge.bad').count(), 0);
    await accessible(page);
    await pictures(page, 'cluster-connections');
    await page.goto(page.url().replace('#/connections', '#/overview'));
    await table(page, 'Connections').locator('.badge.away', { hasText: 'read by pc-b' }).waitFor();
  }));

test('German says the same', () =>
  s.look({ at: '#/cluster', locale: 'de-DE' }, async (page) => {
    await clustered(page, broken());
    assert.match(await page.locator('.sentence').innerText(), /4 Dinge im Cluster sind nicht in Ordnung/);
    assert.match(await table(page, 'Mitglieder').innerText(), /pc-a \(dieses\)[\s\S]*an pc-b/);
    await pictures(page, 'cluster-german');
  }));

test('five hundred endpoints with any names stay text, and are searched', () =>
  s.look({ at: '#/cluster' }, async (page) => {
    const c = sound();
    const name = (i: number) => worse[i % worse.length]!;
    c.endpoints = Array.from({ length: 500 }, (_, i) => ({ ...c.endpoints[0]!, endpoint: `tcp://plc-${i}:502`, owner: name(i), would: name(i + 1), devices: [name(i + 2)] }));
    c.members = worse.map((node, i) => ({ ...c.members[0]!, node, version: name(i + 1), revision_note: node }));
    c.warnings = worse;
    c.copy!.missed = Object.fromEntries(worse.map((w) => [w, 1]));
    c.inherited = worse.map((node) => ({ node, sink: node, by: node, waits: 1, copied: 1, delivered: 1, missing: 1, finished: false, no_sink: false }));
    await clustered(page, c);
    assert.equal(await table(page, 'Who reads what').locator('tbody tr').count(), 200);
    assert.equal(await page.evaluate(() => document.querySelectorAll('#page img, #page script, #page iframe').length), 0);
    await accessible(page);
    await page.setViewportSize(phone);
    const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide! <= room!, `the page is ${wide} wide on a phone of ${room}`);
    await page.getByRole('searchbox').fill('plc-499:');
    await page.getByText('1 of 500').waitFor();
    assert.equal(await table(page, 'Who reads what').locator('tbody tr').count(), 1);
  }));
