// Devices that are asked beside their maps, over the connection of the bridge: nothing here is a stand-in.
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { edit, editable } from './mapsrig.ts';
import { type Device, type Plant } from './plant.ts';
import { openBrowser, pictures } from './rig.ts';

const map = 'tag,address,type\npressure,40003,float32\nforce,40900,\n';
const press: Device = { name: 'press', driver: 'opcua', map: 'tag,address,type,unit\nforce,"ns=2;s=Force",float64,kN\nspeed,"ns=2;s=Speed",float64,\n' };

let browser: Browser;
let plant: Plant;
before(async () => {
  [browser, plant] = await Promise.all([openBrowser(), editable({ devices: [{ name: 'boiler', map, more: ['poll: 10s'] }, press] })]);
});
after(() => Promise.all([browser?.close(), plant?.stop()]));

const panel = (page: Page) => page.locator('.drawer.beside');

test('a server of OPC UA is browsed over the connection of the bridge, and a node added', () =>
  edit(browser, plant, 'tags/press.csv', async (page) => {
    await page.getByRole('button', { name: 'Browse' }).first().click();
    const tree = panel(page).getByRole('list', { name: 'Browse' });
    const speed = tree.getByRole('checkbox', { name: /^Speed/ });
    const asking = panel(page).getByText('The device is asked …');
    await tree.getByRole('listitem').first().waitFor();
    for (let depth = 0; depth < 6 && (await speed.count()) === 0; depth++) {
      await tree.getByRole('button', { name: /^Open/ }).last().click(); // the last is not the server's own
      await asking.waitFor({ state: 'detached' });
    }
    await speed.check();
    await panel(page).getByRole('button', { name: 'Add 1 row' }).click();
    await page.locator('.gridrow').nth(2).locator('.cell', { hasText: 's=Speed' }).waitFor();
    await pictures(page, 'maps-browse-real');
  }));

test('registers are looked at and searched over the connection of the bridge', () =>
  edit(browser, plant, 'tags/boiler.csv', async (page) => {
    await page.getByRole('button', { name: 'Find a value' }).first().click();
    await panel(page).getByLabel('Registers').fill('40001-40020 40895-40905');
    await panel(page).getByRole('button', { name: 'What do they look like?' }).click();
    await panel(page).getByText('A guess at what the registers hold').waitFor();
    await panel(page).locator('.answers li').first().waitFor();
    await pictures(page, 'maps-look-real');
    await panel(page).getByLabel('The display shows').fill('0');
    await panel(page).getByRole('button', { name: 'Search', exact: true }).click();
    await panel(page).locator('.answers li', { hasText: 'gives 0' }).first().waitFor(); // where there is no tag
    await panel(page).getByRole('button', { name: 'Search with this reading too' }).click();
    await panel(page).getByText('Shown so far: 0, 0').waitFor();
    await pictures(page, 'maps-find-real');
  }));
