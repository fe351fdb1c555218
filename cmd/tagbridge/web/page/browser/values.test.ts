import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { absent, boiler, hostileDevice } from './names.ts';
import { Plant, until } from './plant.ts';
import { accessible, look, openBrowser, phone, pictures, settled } from './rig.ts';

/** counters has a value with more digits than JavaScript's numbers. */
const counters = {
  name: 'counters',
  map: 'tag,address,type,order,description\nenergy,40001,uint64,ABCD,Energy since 1987\nswapped,40005,float32,CDAB,\nname,40007,string:20,,\n',
};

let browser: Browser;
let plant: Plant;
before(async () => {
  [browser, plant] = await Promise.all([openBrowser(), Plant.start({ devices: [boiler, counters, absent, hostileDevice] })]);
});
after(() => Promise.all([browser?.close(), plant?.stop()]));

async function rows(page: Page): Promise<string[]> {
  return page.locator('.grid-row').evaluateAll((list) => list.map((r) => r.querySelector('.tag')?.textContent ?? ''));
}

/** first waits until the list begins with these names, in any order of what follows. */
async function shows(page: Page, what: string, is: (names: string[]) => boolean): Promise<void> {
  await until(`the list to show ${what}`, async () => is(await rows(page)));
}

test('every tag is there, and what is bad says why', () =>
  look(browser, plant, { at: '#/values' }, async (page) => {
    await settled(page);
    await shows(page, 'all', (names) => names.includes('energy') && !names.includes('…'));
    await page.locator('.grid-row.bad').first().waitFor();
    assert.match(await page.locator('.grid-row.bad .why').first().innerText(), /refused|not|no /);
    await accessible(page);
    await page.emulateMedia({ colorScheme: 'dark' });
    await accessible(page);
    await pictures(page, 'values-list');
  }));

test('filters are the server’s: device, a part of a name, quality', () =>
  look(browser, plant, { at: '#/values?device=counters' }, async (page) => {
    await shows(page, 'those of the device', (n) => n.length === 3 && n.includes('energy'));
    await page.getByRole('searchbox').fill('ener');
    await shows(page, 'what holds ener', (n) => n.join() === 'energy');
    assert.match(page.url(), /device=counters/);
    assert.match(page.url(), /match=ener/);
    await page.getByRole('searchbox').fill('no such tag');
    await page.locator('.empty').waitFor();
    await page.getByRole('searchbox').fill('');
    await page.getByLabel('Device').selectOption('');
    await page.getByRole('button', { name: /^bad/ }).click();
    await until('bad ones alone', async () => {
      const all = await page.locator('.grid-row').count();
      return all > 0 && all === (await page.locator('.grid-row.bad').count());
    });
    await page.goBack(); // to nothing: filters are no steps
  }));

test('values are live', () =>
  look(browser, plant, { at: '#/values?device=boiler' }, async (page) => {
    const seen = new Set<string>();
    await until('three different values', async () => {
      for (const v of await page.locator('.grid-row .cell.value').allInnerTexts()) if (v !== '') seen.add(v);
      return seen.size > (await page.locator('.grid-row').count()) + 2;
    });
  }));

test('a row opens: why, its row in the map, its registers in every type', () =>
  look(browser, plant, { at: '#/values?device=counters' }, async (page) => {
    await shows(page, 'those of the device', (n) => n.includes('energy'));
    await page.locator('.grid').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    const drawer = page.getByRole('complementary', { name: 'counters/energy' });
    await drawer.getByText('Energy since 1987').waitFor();
    const exact = (await (await fetch(`${plant.url}/api/v1/tag?tag=counters/energy`)).text()).match(/"value":(\d+)/)?.[1];
    assert.ok(exact && exact.length > 0);
    await drawer.locator('td.own').waitFor();
    assert.match(await drawer.locator('td.own').innerText(), /row/);
    assert.equal(await drawer.getByRole('row').filter({ hasText: 'uint64' }).locator('td').count(), 4);
    assert.match((await drawer.getByRole('link', { name: /row 2 of counters.csv/ }).getAttribute('href')) ?? '', /#\/maps\?file=.*counters\.csv&row=2$/);
    assert.match(await drawer.locator('.command code').innerText(), /^tagbridge read .*plant\.yaml#counters holding:0,uint64$/);
    await accessible(page);
    await pictures(page, 'values-drawer');
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    assert.equal(await page.evaluate(() => document.activeElement?.className), 'grid');
  }));

test('numbers keep all of their digits', () =>
  look(browser, plant, { at: '#/values?device=counters&match=energy' }, async (page) => {
    await page.route('**/api/v1/changes?**', async (route) => {
      const answer = await route.fetch();
      const body = (await answer.text()).replace(/"values":\[\[0,\d+/, '"values":[[0,18446744073709551615');
      await route.fulfill({ response: answer, body });
    });
    await page.getByText('18446744073709551615').waitFor();
  }));

test('hostile names and texts are text', () =>
  look(browser, plant, { at: '#/values?device=' + hostileDevice.name }, async (page) => {
    await shows(page, 'the names', (n) => n.some((x) => x.includes('<img')));
    assert.equal(await page.locator('.grid img, .grid script').count(), 0);
    for (const name of await rows(page)) {
      await page.goto(`${plant.url}/#/values?${new URLSearchParams({ tag: `${hostileDevice.name}/${name}` })}`);
      await page.getByRole('complementary').locator('.facts').waitFor();
      assert.equal(await page.locator('.drawer img, .drawer script').count(), 0);
    }
    await pictures(page, 'values-hostile');
    await page.setViewportSize(phone);
    const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide! <= room!, `the page is ${wide} wide on a phone of ${room}`);
  }));
