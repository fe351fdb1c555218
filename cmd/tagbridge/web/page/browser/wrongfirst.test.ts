// What is wrong is what is seen first, in each view.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { absent, boiler } from './names.ts';
import { pictures, settled, stage } from './rig.ts';

const four = ['a', 'b', 'c', 'd'].map((name) => ({ ...boiler, name }));
const head = Array.from({ length: 60 }, (_, n) => `# line ${n} of the head\n`).join('');
const s = stage({ devices: [{ ...boiler, map: head + boiler.map }, ...four, absent] });

test('Values begin with what is bad, or with names by choice', () =>
  s.look({ at: '#/values' }, async (page) => {
    await settled(page);
    const first = page.locator('.grid-row').first();
    await first.filter({ hasText: 'press' }).waitFor();
    await pictures(page, 'values-wrong');
    await page.getByLabel('bad on top').uncheck();
    await first.filter({ hasText: 'boiler' }).waitFor();
    assert.match(page.url(), /order=name/);
    await page.getByLabel('bad on top').check();
    await first.filter({ hasText: 'press' }).waitFor();
  }));

test('a connection that is closed names its devices, and why they are offline', () =>
  s.look({ at: '#/connections' }, async (page) => {
    await settled(page);
    const card = page.locator('section.panel').first();
    await card.locator('.devices', { hasText: 'press offline' }).waitFor();
    assert.match(await card.locator('.devices .why').innerText(), /refused/);
    assert.equal(await page.locator('section.panel .devices').count(), 6);
    await pictures(page, 'connections-closed');
  }));

test('a tag that never had a value has no axis', () =>
  s.look({ at: '#/trends?tag=press%2Fforce' }, async (page) => {
    await settled(page);
    await page.getByText('No value is known of this time.').waitFor();
    assert.equal(await page.locator('.drawing').count(), 0);
    await pictures(page, 'trends-blank');
  }));

test('a map with a long head begins with its first row', () =>
  s.look({ at: '#/maps?file=tags%2Fboiler.csv' }, async (page) => {
    await settled(page);
    await page.locator('.gridrow .cell', { hasText: 'temperature' }).first().waitFor();
    const box = page.locator('.gridhost .grid');
    const rows = await page.locator('.gridrow', { hasText: 'temperature' }).first().boundingBox();
    const at = await box.boundingBox();
    assert.ok(rows!.y > at!.y && rows!.y < at!.y + at!.height, `the first row is at ${rows!.y}`);
    assert.ok((await box.evaluate((b) => b.scrollTop)) > 0);
    await pictures(page, 'maps-head');
  }));
