import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { cell, edit, editable, fine, guard, type } from './mapsrig.ts';
import { hostile, hostileDevice, worse } from './names.ts';
import { until, type Plant } from './plant.ts';
import { accessible, fake, openBrowser, phone, pictures } from './rig.ts';

const map = '# as built\ntag;address;type;scale;unit\ntemperature;40001;int16;0,1;°C\npressure;40003;float32;;bar\nforce;40900;;;\n';
const file = 'tags/boiler.csv';

let browser: Browser;
let plant: Plant;
before(async () => {
  [browser, plant] = await Promise.all([openBrowser(), editable({ devices: [{ name: 'boiler', map, more: ['poll: 10s'] }, hostileDevice] })]);
});
after(() => Promise.all([browser?.close(), plant?.stop()]));

const panel = (page: Page) => page.locator('.drawer.beside');
const wideEnough = async (page: Page) => {
  await page.setViewportSize(phone);
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide! <= room!, `the page is ${wide} wide on a phone of ${room}`);
  await page.setViewportSize({ width: 1280, height: 800 });
};

/** opcua has the page take the device for one of OPC UA. */
const opcua = (page: Page) => fake<{ driver: string }[]>(page, '/api/v1/devices', (list) => list.map((d) => ({ ...d, driver: 'opcua' })));

test('selected rows are read as they are in the draft, and shown in their rows until these change', () =>
  edit(browser, plant, file, async (page) => {
    await (await cell(page, 'temperature', 'address')).click();
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    await page.getByRole('button', { name: 'Read now' }).first().click();
    await panel(page).getByRole('button', { name: 'Read 3 rows' }).click();
    const rows = panel(page).locator('tbody tr');
    await rows.nth(2).waitFor();
    assert.match(await rows.nth(0).innerText(), /3\s+temperature\s.*good -?\d+\.\d °C [0-9a-f]{4}/s);
    assert.match(await rows.nth(1).innerText(), /pressure\s.*good .* bar [0-9a-f]{4} [0-9a-f]{4}/s);
    const live = (tag: string) => page.locator('.gridrow').filter({ has: page.locator('.cell', { hasText: new RegExp(`^${tag}$`) }) }).locator('.live');
    assert.match(await live('temperature').innerText(), /^⟳ -?\d+\.\d °C · [0-9a-f]{4}$/);
    await accessible(page);
    await pictures(page, 'maps-read');
    await wideEnough(page);
    await type(page, 'temperature', 'unit', 'K');
    await until('the reading to go with the row', async () => !(await live('temperature').innerText()).startsWith('⟳'));
    assert.match(await live('pressure').innerText(), /^⟳/);
    await panel(page).getByRole('button', { name: 'Close' }).click();
    await until('the readings to go with the panel', async () => !(await live('pressure').innerText()).startsWith('⟳'));
  }));

test('a row that cannot be read says why, and so does a bridge that does not ask; another question is waited for', () =>
  edit(browser, plant, file, async (page) => {
    await type(page, 'force', 'address', '4000x');
    await (await cell(page, 'force', 'address')).click();
    await page.getByRole('button', { name: 'Read now' }).first().click();
    await panel(page).getByRole('button', { name: 'Read 1 row' }).click();
    await panel(page).locator('tbody tr', { hasText: '4000x' }).waitFor();
    let asked = 0;
    await page.route('**/api/v1/read', (r) =>
      ++asked === 1
        ? r.fulfill({ status: 503, headers: { 'Retry-After': '1' }, json: { error: 'another question is asked' } })
        : r.fulfill({ status: 504, json: { error: `the line is busy ${hostile[0]}` } }),
    );
    await panel(page).getByRole('button', { name: 'Read 1 row' }).click();
    await panel(page).getByRole('alert').getByText('the line is busy').waitFor();
    assert.equal(asked, 2);
    assert.equal(await page.locator('.drawer img').count(), 0);
  }, { allowed: /50[34]/ }));

test('what the display shows is looked for, twice to be sure, and its row added with a name of its own', () =>
  edit(browser, plant, file, async (page) => {
    const asked: unknown[] = [];
    await page.route('**/api/v1/probe', (r) => {
      asked.push(r.request().postDataJSON());
      const row = { tag: 'temperature', address: '40020', type: 'float32', order: 'CDAB' };
      const candidates = ['', ...worse].map((same) => ({ address: '40020', value: '23.1', same, moved: false, between: false, row }));
      const looks = worse.map((looks, n) => ({ range: `${40001 + n}`, looks, value: looks, moves: true, row: { address: '40001' } }));
      const refused = worse.map((why) => ({ range: '40090', why }));
      const certain = asked.length > 2;
      return r.fulfill({ json: { dump: 'registers', requests: 1, incomplete: '', refused, sure: certain ? 'certain' : 'likely', why: `one place ${worse[0]}`, candidates: certain ? candidates.slice(0, 1) : candidates, order: 'CDAB', order_why: 'do not know', looks } });
    });
    await page.getByRole('button', { name: 'Find a value' }).first().click();
    await panel(page).getByRole('button', { name: 'What do they look like?' }).click();
    await panel(page).getByText('A guess at what the registers hold').waitFor();
    assert.equal(await panel(page).locator('.answers li').count(), worse.length);
    const shows = panel(page).getByLabel('The display shows');
    await shows.fill('23,1 x');
    await panel(page).getByRole('alert').getByText('is no number').waitFor();
    assert.ok(await panel(page).getByRole('button', { name: 'Search' }).isDisabled());
    await shows.fill('23,1');
    await page.keyboard.press('Enter');
    await panel(page).getByText('likely').waitFor();
    assert.equal(await page.locator('.drawer img, .drawer script').count(), 0);
    await accessible(page);
    await pictures(page, 'maps-find');
    await wideEnough(page);
    await shows.fill('23,4');
    await panel(page).getByRole('button', { name: 'Search with this reading too' }).click();
    await panel(page).getByText('certain').waitFor();
    assert.deepEqual(asked, [
      { device: 'boiler', ranges: ['40001-40100'], readings: [{ shows: '', dump: '' }] },
      { device: 'boiler', ranges: ['40001-40100'], readings: [{ shows: '23,1', dump: '' }] },
      { device: 'boiler', ranges: ['40001-40100'], readings: [{ shows: '23,1', dump: 'registers' }, { shows: '23,4', dump: '' }] },
    ]);
    await panel(page).getByRole('button', { name: 'Add row' }).first().click();
    assert.equal(await (await cell(page, 'temperature_2', 'address')).innerText(), '40020');
    assert.equal(await (await cell(page, 'temperature_2', 'order')).innerText(), 'CDAB');
    await fine(page);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('temperature_2').waitFor({ state: 'detached' });
  }));

test('a server is browsed as a tree, by the keyboard too, and what is checked becomes rows', () =>
  edit(browser, plant, file, async (page) => {
    const node = (name: string, variable: boolean) => {
      const address = `nsu=urn:x;s=${name.slice(0, 200)}`;
      const of = { name, address, array: null, description: name.slice(0, 90), why: '' };
      if (!variable) return { ...of, class: 'object', type: '', value: '', quality: '', unit: '', rows: [] };
      return { ...of, class: 'variable', type: 'float64', value: name, quality: 'Good', unit: 'kN', rows: [{ tag: name, address, unit: 'kN', description: of.description }] };
    };
    await opcua(page);
    await page.route('**/api/v1/browse', (r) => {
      const { root, first } = r.request().postDataJSON() as { root: string; first: number };
      if (first > 0) return r.fulfill({ json: { nodes: [node('Late', false)], next: null } });
      return r.fulfill({ json: root === '' ? { nodes: [node('Press', false), ...worse.map((w) => node(w, false))], next: 14 } : { nodes: ['Force', ...worse].map((w) => node(w, true)), next: null } });
    });
    await page.reload();
    await page.getByRole('button', { name: 'Browse' }).first().click();
    const open = panel(page).getByRole('button', { name: 'Open Press' });
    await open.waitFor();
    await panel(page).getByRole('button', { name: 'Show more of them' }).click();
    await panel(page).getByRole('button', { name: 'Open Late' }).waitFor();
    await open.focus();
    await page.keyboard.press('Enter');
    await panel(page).getByRole('checkbox', { name: /^Force/ }).focus();
    await page.keyboard.press('Space');
    await panel(page).getByRole('button', { name: 'Add 1 row' }).waitFor();
    await panel(page).getByRole('button', { name: 'all', exact: true }).click();
    assert.equal(await page.locator('.drawer img, .drawer script').count(), 0);
    await accessible(page);
    await pictures(page, 'maps-browse');
    await wideEnough(page);
    await panel(page).getByRole('button', { name: `Add ${worse.length + 1} rows` }).click();
    assert.match(await (await cell(page, 'Force', 'address')).innerText(), /^nsu=urn:x;s=Force$/);
    await page.locator('.deskstate .badge').first().waitFor();
    assert.equal(await page.locator('.grid img').count(), 0);
  }));

test('who may only look asks no device', () =>
  edit(browser, plant, file, async (page) => {
    await page.locator('.notice', { hasText: 'guard may only look' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Read now' }).count(), 0);
  }, { httpCredentials: guard }));

test('a label column is added by its name', () =>
  edit(browser, plant, file, async (page) => {
    await page.getByLabel('Add column').selectOption('label.');
    const name = page.getByLabel('Name of the label');
    await name.fill('hall');
    await page.keyboard.press('Enter');
    await page.locator('.headcell.name .text', { hasText: 'label.hall' }).waitFor();
    await page.getByLabel('Add column').selectOption('label.');
    await name.fill('HALL');
    assert.ok(await page.getByRole('button', { name: 'Add it' }).isDisabled());
    await page.keyboard.press('Escape');
    await fine(page);
  }));
