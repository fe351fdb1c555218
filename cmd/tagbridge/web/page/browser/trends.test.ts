import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { boiler, hostile, hostileDevice } from './names.ts';
import { Plant, until } from './plant.ts';
import { accessible, look, openBrowser, phone, pictures, settled } from './rig.ts';

const states = { name: 'states', map: 'tag,address,type,enum\nmode,40001,uint16,0=off|1=on|2=fault\nlabel,40005,string:8,\n' };

let browser: Browser;
let plant: Plant;
before(async () => {
  [browser, plant] = await Promise.all([openBrowser(), Plant.start({ devices: [boiler, states, hostileDevice], bridge: ['journal: {keep: 1h}'] })]);
});
after(() => Promise.all([browser?.close(), plant?.stop()]));

const at = (...tags: string[]) => `#/trends?${new URLSearchParams(tags.map((t) => ['tag', t]))}`;

/** drawn reports that something of a line is in the drawing. */
async function drawn(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('.drawing canvas');
    const wanted = getComputedStyle(document.documentElement).getPropertyValue('--trend-1').trim();
    if (!canvas) return false;
    const [r, g, b] = [1, 3, 5].map((i) => parseInt(wanted.slice(i, i + 2), 16));
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    let n = 0;
    for (let i = 0; i < data.length; i += 4) if (data[i] === r && data[i + 1] === g && data[i + 2] === b) n++;
    return n > 10;
  });
}

test('tags are found, added, drawn and removed', () =>
  look(browser, plant, { at: '#/trends' }, async (page) => {
    await settled(page);
    await page.locator('.empty').waitFor();
    await page.getByRole('combobox', { name: 'Add a tag' }).fill('pres');
    await page.getByRole('option', { name: 'boiler/pressure' }).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.legend').getByText('boiler/pressure').waitFor();
    await until('a line', () => drawn(page));
    await page.getByRole('combobox', { name: 'Add a tag' }).fill('mode');
    await page.getByRole('option', { name: 'states/mode' }).click();
    await page.getByRole('combobox', { name: 'Add a tag' }).fill('boiler running');
    await page.locator('.picker [role=status]').filter({ hasText: 'No tag' }).waitFor();
    await page.getByRole('combobox', { name: 'Add a tag' }).fill('running');
    await page.getByRole('option', { name: 'boiler/running' }).click();
    await page.locator('.legend tbody tr').nth(2).waitFor();
    await page.getByLabel('Time', { exact: true }).selectOption('60');
    await until('a minute', async () => page.url().includes('range=60'));
    await accessible(page);
    await page.emulateMedia({ colorScheme: 'dark' });
    await until('a line in the colours of the dark', () => drawn(page));
    await accessible(page);
    await pictures(page, 'trends-three');
    await page.getByRole('button', { name: 'Remove boiler/running' }).click();
    await until('two tags', async () => (await page.locator('.legend tbody tr').count()) === 2);
    await page.getByRole('link', { name: 'Trends', exact: true }).click();
    const last = page.locator('.recent a');
    await last.first().waitFor();
    assert.deepEqual(await last.allInnerTexts(), ['boiler/pressure', 'states/mode', 'boiler/running']);
    await last.nth(1).click();
    await page.locator('.legend').getByText('states/mode').waitFor();
  }));

test('keys and buttons move the time; a picture of it is in the address', () =>
  look(browser, plant, { at: at('boiler/pressure') }, async (page) => {
    await until('a line', () => drawn(page));
    await page.locator('.keys').focus();
    await page.keyboard.press('ArrowLeft');
    await until('another time', async () => /range=\d+(\.\d+)?-\d+/.test(page.url()));
    assert.equal(await page.getByRole('button', { name: 'Live' }).getAttribute('aria-pressed'), 'false');
    const first = page.url();
    await page.keyboard.press('+');
    await until('less time', async () => page.url() !== first);
    await page.keyboard.press('l');
    await until('live', async () => (await page.getByRole('button', { name: 'Live' }).getAttribute('aria-pressed')) === 'true');
  }));

test('dragging over the drawing looks closer', () =>
  look(browser, plant, { at: at('boiler/pressure') }, async (page) => {
    await until('a line', () => drawn(page));
    const box = (await page.locator('.u-over').boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.5, box.y + 50);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.75, box.y + 60, { steps: 4 });
    await page.mouse.up();
    await until('the time that was chosen', async () => /range=\d+(\.\d+)?-\d+/.test(page.url()));
    const [, from, to] = /range=([\d.]+)-([\d.]+)/.exec(page.url())!;
    assert.ok(Math.abs(Number(to) - Number(from) - 150) < 10, `${Number(to) - Number(from)} s of 600`);
  }));

test('what is shown is saved as CSV', () =>
  look(browser, plant, { at: at('boiler/pressure', 'boiler/running') }, async (page) => {
    await until('a line', () => drawn(page));
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save as CSV' }).click()]);
    const text = readFileSync((await file.path())!, 'utf8');
    assert.match(file.suggestedFilename(), /^trend-.*\.csv$/);
    assert.match(text, /^\ufefftime,tag,unit,mean,min,max,quality,gap\r\n/);
    assert.match(text, /Z,boiler\/pressure,bar,[\d.]+,[\d.]+,[\d.]+,Good,\r\n/);
    assert.match(text, /Z,boiler\/running,,[01],[01],[01],Good,\r\n/);
  }));

test('hostile names, texts, and what is in no map', () =>
  look(browser, plant, { at: at(...hostile.slice(0, 6).map((n) => `mean/${n}`), 'states/label', 'mean/gone') }, async (page) => {
    await page.locator('.legend tbody tr').nth(7).waitFor();
    await page.locator('.legend').getByText('in no map any more').waitFor();
    await until('a line', () => drawn(page));
    assert.equal(await page.locator('main img, main script').count(), 0);
    await accessible(page);
    await pictures(page, 'trends-hostile');
    await page.setViewportSize(phone);
    const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide! <= room!, `the page is ${wide} wide on a phone of ${room}`);
    await page.emulateMedia({ media: 'print' });
    assert.equal(await page.locator('.filters').isVisible(), false);
  }));

/** points is how many there are, gaps among them. */
async function points(page: Page): Promise<number> {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save as CSV' }).click()]);
  return readFileSync((await file.path())!, 'utf8').split('\r\n').length - 2;
}

test('what the journal has is there at once, and a time without the bridge is a gap that says so', () =>
  look(browser, plant, { at: at('boiler/pressure'), allowed: /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/ }, async (page) => {
    await page.locator('.span.good').first().waitFor();
    await until('some seconds of the journal', async () => (await points(page)) > 10);
    await plant.stopBridge('SIGKILL');
    await page.locator('.banner').waitFor();
    await page.waitForTimeout(3000); // for so long it is off: a shorter time than some polls is none to tell of
    await plant.startBridge();
    await page.locator('.banner').waitFor({ state: 'detached' });
    await page.locator('.gaps li').filter({ hasText: 'bridge off' }).waitFor();
    await page.locator('.span.gap').first().waitFor();
    await until('values after the gap', async () => (await page.locator('.span.gap + .span.good').count()) > 0);
    await page.getByLabel('Time', { exact: true }).selectOption('0');
    await until('all of the journal', async () => page.url().includes('range=0'));
    await page.locator('.gaps li').filter({ hasText: 'bridge off' }).waitFor();
    await pictures(page, 'trends-gap');
  }));

test('a tag that becomes bad is told so, in the drawing and in words', () =>
  look(browser, plant, { at: '#/values?tag=boiler%2Fpressure' }, async (page) => {
    const drawer = page.getByRole('complementary');
    await drawer.locator('.span.good').first().waitFor();
    await plant.stopSim();
    await drawer.locator('.because.bad').waitFor();
    assert.match(await drawer.locator('.because').innerText(), /^bad since \d\d:\d\d:\d\d \(.*\) because: .+/);
    await drawer.locator('.span.bad').first().waitFor();
    await page.locator('.grid-row.bad').first().waitFor();
    await pictures(page, 'values-bad');
  }));
