import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boiler } from './names.ts';
import { accessible, phone, pictures, settled, stage } from './rig.ts';

const s = stage({ devices: [boiler] });

test('the manual is read, searched, and its links lead within it', () =>
  s.look({ at: '#/manual' }, async (page) => {
    await settled(page);
    const title = page.locator('article h1');
    await title.waitFor();
    const [top, bar] = [await title.boundingBox(), await page.locator('header.top').boundingBox()];
    assert.ok(top!.y >= bar!.y + bar!.height, `the title is at ${top!.y}, the bar ends at ${bar!.y + bar!.height}`);
    await pictures(page, 'manual-contents');
    await page.getByLabel('Find in the manual').fill('byte order');
    await page.locator('.hits li').first().waitFor();
    await accessible(page);
    await pictures(page, 'manual-found');
    await page.locator('.hits a').first().click();
    await page.locator('article').waitFor();
    assert.match(page.url(), /chapter=/);
    await accessible(page);
    await pictures(page, 'manual-chapter');
    const inside = page.locator('article a[href^="#/manual"]').first();
    await inside.click();
    await page.locator('article').waitFor();
    await page.setViewportSize(phone);
    const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide! <= room!, `the page is ${wide} wide on a phone of ${room}`);
  }));

test('a chapter that there is not is said with the nearest', () =>
  s.look({ at: '#/manual?chapter=map', allowed: /status of 404/ }, async (page) => {
    await page.getByText('did you mean').waitFor();
  }));
