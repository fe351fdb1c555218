import assert from 'node:assert/strict';
import { test } from 'node:test';
import { absent, boiler, hostileDevice } from './names.ts';
import { accessible, phone, pictures, settled, stage } from './rig.ts';
import { views } from '../src/router.ts';

const s = stage({ devices: [boiler, absent, hostileDevice] });

for (const view of views) {
  test(`${view}: nothing violated, nothing inaccessible`, () =>
    s.look({ at: `#/${view}` }, async (page) => {
      await settled(page);
      await accessible(page);
      await page.emulateMedia({ colorScheme: 'dark' });
      await accessible(page);
      await page.emulateMedia({ colorScheme: 'light' });
      await pictures(page, view);
      await page.setViewportSize(phone);
      const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(wide! <= room!, `the page is ${wide} wide on a phone of ${room}`);
    }));
}

test('the page says that the bridge is gone, and comes back by itself', () =>
  s.look({ allowed: /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/ }, async (page) => {
    await settled(page);
    await page.locator('.state.live').waitFor();
    await s.plant.stopBridge('SIGKILL');
    await page.locator('.banner').waitFor();
    assert.match(await page.locator('.banner').innerText(), /does not answer/);
    await s.plant.startBridge();
    await page.locator('.state.live').waitFor();
    await page.locator('.banner').waitFor({ state: 'detached' });
  }));

test('German is spoken where the browser wants it, and by choice', () =>
  s.look({ locale: 'de-DE' }, async (page) => {
    await settled(page);
    assert.equal(await page.locator('h1').innerText(), 'Übersicht');
    await page.getByLabel('Sprache').selectOption('en');
    assert.equal(await page.locator('h1').innerText(), 'Overview');
    assert.equal(await page.locator('html').getAttribute('lang'), 'en');
    await page.reload();
    await settled(page);
    assert.equal(await page.locator('h1').innerText(), 'Overview');
  }));
