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

test('the keyboard alone leads through the page', () =>
  s.look({}, async (page) => {
    await settled(page);
    const focused = () => page.evaluate(() => `${document.activeElement?.tagName} ${document.activeElement?.textContent?.trim()}`);
    await page.keyboard.press('Tab');
    assert.equal(await focused(), 'A Skip to the content');
    assert.ok(await page.locator('.skip').isVisible());
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'main');
    assert.equal(new URL(page.url()).hash, '');
    // Backwards from the content are the views, the last of them first.
    await page.keyboard.press('Shift+Tab');
    assert.equal(await focused(), 'A Manual');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => location.hash === '#/manual');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    assert.equal(await focused(), 'A Events');
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle);
    assert.notEqual(outline, 'none');
  }));

test('colours are chosen and remembered', () =>
  s.look({}, async (page) => {
    await settled(page);
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await page.getByLabel('Colours').selectOption('dark');
    const dark = await ground();
    assert.notEqual(dark, light);
    await page.reload();
    await settled(page);
    assert.equal(await ground(), dark);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.getByLabel('Colours').selectOption('light');
    assert.equal(await ground(), light);
  }));

test('the first view needs little', () =>
  s.look({}, async (page) => {
    await settled(page);
    await page.locator('.verdict-panel').waitFor();
    const files = await page.evaluate(() => performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))
      .map((e) => e as PerformanceResourceTiming).filter((e) => !e.name.includes('/api/')).map((e) => ({ name: e.name, bytes: e.encodedBodySize, end: e.responseEnd })));
    const bytes = files.reduce((sum, f) => sum + f.bytes, 0);
    const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime);
    console.log(`first view: ${files.length} files, ${bytes} bytes, first paint after ${Math.round(paint ?? -1)} ms`);
    assert.ok(files.length <= 12 && bytes < 60_000, JSON.stringify(files));
  }));

test('what is refused for good is not asked for every second', () =>
  s.look({ at: '#/values?tag=boiler/none', allowed: /status of 404/ }, async (page) => {
    const gone = page.getByText('This tag is in no map any more.');
    await gone.waitFor();
    let asked = 0;
    page.on('request', (r) => {
      if (r.url().includes('/api/v1/tag?')) asked++;
    });
    await page.clock.install();
    await page.reload();
    await gone.waitFor();
    for (let n = 0; n < 10; n++) {
      await page.clock.runFor(1000);
      await page.evaluate(() => fetch('/healthz')); // what was asked before it has been sent
    }
    assert.equal(asked, 1);
    for (let n = 0; n < 25; n++) await page.clock.runFor(1000);
    await page.evaluate(() => fetch('/healthz'));
    assert.equal(asked, 2); // it may be there again after a reload of the bridge
  }));

test('an event of a tag leads to the tag', () =>
  s.look({ at: '#/events' }, async (page) => {
    await page.route('**/api/v1/events?*', (r) => r.fulfill({ json: [{ time: '2026-03-01T06:00:00Z', kind: 'tag-bad', device: 'boiler', tag: 'temperature', sink: '', text: 'BadTimeout', by: '' }] }));
    await page.reload();
    await page.getByRole('link', { name: 'boiler/temperature' }).click();
    await page.getByRole('complementary', { name: 'boiler/temperature' }).getByText('°C').first().waitFor();
  }));
