import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { Plant, until } from './plant.ts';
import { look, openBrowser, pictures } from './rig.ts';

const many = 10_000;
let browser: Browser;
let plant: Plant;
before(async () => {
  const map = ['tag,address,type,unit'];
  for (let i = 0; i < many; i++) map.push(`area${Math.floor(i / 100)}/pump${i}.flow,${40001 + (i % 9000)},uint16,m3/h`);
  [browser, plant] = await Promise.all([openBrowser(), Plant.start({ devices: [{ name: 'plc', map: `${map.join('\n')}\n`, more: ['poll: 1s'] }] })]);
});
after(() => Promise.all([browser?.close(), plant?.stop()]));

// What a frame costs is counted in time of a processor: how many there are in a second is the machine's affair.
test('10,000 rows scroll at 30 frames a second, and few of them are in the document', () =>
  look(browser, plant, { at: '#/values' }, async (page) => {
    await page.getByText('10\u202f000 of 10\u202f000').waitFor();
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
    const used = async () => new Map((await cdp.send('Performance.getMetrics')).metrics.map((m) => [m.name, m.value]));
    const before = await used();
    const frames = 120;
    const seen = await page.evaluate(async (frames) => {
      const grid = document.querySelector('.grid')!;
      let most = 0;
      const begin = performance.now();
      for (let i = 0; i < frames; i++) {
        await new Promise(requestAnimationFrame);
        grid.scrollTop += 160;
        most = Math.max(most, grid.querySelectorAll('.grid-row').length);
      }
      return { rate: (frames * 1000) / (performance.now() - begin), most };
    }, frames);
    const after = await used();
    const each = (name: string) => (1000 * (after.get(name)! - before.get(name)!)) / frames;
    console.log(`a frame takes ${each('TaskDuration').toFixed(1)} ms of a processor, of it scripts ${each('ScriptDuration').toFixed(1)}; there were ${seen.rate.toFixed(1)} in a second`);
    assert.ok(each('TaskDuration') < 1000 / 30, `a frame takes ${each('TaskDuration')} ms`);
    assert.ok(seen.most < 100, `${seen.most} rows are in the document`);
    await until('the rows to be known', async () => (await page.locator('.grid-row.unknown').count()) === 0);
    await page.locator('.grid').focus();
    await page.keyboard.press('End');
    await page.getByText('pump9999.flow').waitFor();
    await pictures(page, 'values-many');
  }));

test('of rows that are far away, only those that are looked at are fetched', () =>
  look(browser, plant, { at: '#/values' }, async (page) => {
    await page.getByText('10\u202f000 of 10\u202f000').waitFor();
    let asked = 0;
    page.on('request', (r) => (asked += r.url().includes('/api/v1/changes') ? 1 : 0));
    await page.evaluate(() => {
      const grid = document.querySelector('.grid')!;
      for (let i = 0; i < 200; i++) grid.scrollTop = i * 1500;
    });
    await until('the rows to be known', async () => (await page.locator('.grid-row.unknown').count()) === 0);
    assert.ok(asked < 10, `${asked} requests for one look`);
  }));
