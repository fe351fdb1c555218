import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { anna, apply, bert, bytes, cell, edit, editable, fine, guard, opened, overwrite, type } from './mapsrig.ts';
import { hostileDevice } from './names.ts';
import { type Plant } from './plant.ts';
import { accessible, look, openBrowser, pictures, settled } from './rig.ts';

const boiler = [
  '# Boiler 1; drawing 4711, "as built"\r\n',
  'tag;address ;type;scale;x_note;unit;description\r\n',
  'temperature;40001;int16;0,1;  kept ;°C;"flow; supply"\r\n',
  '\r\n',
  'pressure;40003;float32;;;bar;"say ""p"""\r\n',
  '# counters\r\n',
  'counter;40010;uint64',
].join('');
const latin = Buffer.from('tag;address;unit\r\n# K\xfchlwasser\r\nW\xe4rme;40001;\xb0C\r\nFluss;40002;m\xb3\r\n', 'latin1');
const yaml = '# press 1\n- tag: force   # of the ram\n  address: 40001\n- {tag: speed, address: 40002}\n';

let browser: Browser;
let plant: Plant;
before(async () => {
  const device = (name: string, map: string) => ({ name, map });
  [browser, plant] = await Promise.all([
    openBrowser(),
    editable({ devices: [device('boiler', boiler), device('cooler', latin.toString('utf8')), { ...hostileDevice }] }),
  ]);
});
after(() => Promise.all([browser?.close(), plant?.stop()]));

const file = 'tags/boiler.csv';

/** restore writes a map as it was at the beginning. */
function restore(name: string, content: Buffer | string): void {
  overwrite(plant, name, content);
  plant.reload();
}

test('one cell is edited, checked and applied, and nothing else in the file changes', async () => {
  restore(file, boiler);
  await edit(browser, plant, file, async (page) => {
    await type(page, 'temperature', 'scale', '0,25');
    await fine(page);
    await page.getByRole('button', { name: 'Differences and Apply' }).click();
    await page.locator('.diff li').first().waitFor();
    assert.match(await page.locator('.drawer').innerText(), /boiler\/temperature: .*0\.25/);
    await accessible(page);
    await pictures(page, 'maps-differences');
    await page.locator('.drawer').getByLabel('Comment').fill('new transmitter');
    await page.locator('.drawer').getByRole('button', { name: 'Apply', exact: true }).click();
    await page.locator('.notice.good').waitFor();
    assert.equal(bytes(plant, file).toString(), boiler.replace('0,1', '0,25'));
    assert.equal(await page.getByRole('button', { name: 'Differences and Apply' }).isDisabled(), true);
  });
});

test('a wrong cell is marked with its reason, listed, and not applied', async () => {
  restore(file, boiler);
  await edit(browser, plant, file, async (page) => {
    await type(page, 'pressure', 'type', 'flaot32');
    await page.locator('.cell.problem').waitFor();
    assert.match(await page.locator('.problems').innerText(), /did you mean float32/);
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('F8');
    assert.match(await page.locator('.status').innerText(), /Row 5, type:.*flaot32.*did you mean/s);
    await accessible(page);
    await pictures(page, 'maps-problem');
    await page.getByRole('button', { name: 'Differences and Apply' }).click();
    assert.equal(await page.locator('.drawer').getByRole('button', { name: 'Apply', exact: true }).count(), 0);
    await page.keyboard.press('Escape');
    await page.locator('.problems button').first().click();
    await page.keyboard.type('float32');
    await page.keyboard.press('Enter');
    await fine(page);
    assert.equal(bytes(plant, file).toString(), boiler);
  });
});

test('what the bridge refuses when it is to be applied is told, and nothing is written', async () => {
  restore(file, boiler);
  await edit(browser, plant, file, async (page) => {
    await type(page, 'temperature', 'unit', 'K');
    await fine(page);
    await page.route('**/api/v1/apply', (r) => {
      const body = r.request().postDataJSON() as { files: Record<string, string> };
      body.files[file] = (body.files[file] ?? '').replace('40003', '4000x');
      return r.continue({ postData: JSON.stringify(body) });
    });
    await apply(page);
    await page.locator('.drawer .notice.warn').waitFor();
    assert.match(await page.locator('.drawer .notice.warn').innerText(), /Not applied.*4000x/s);
    assert.equal(bytes(plant, file).toString(), boiler);
  }, { allowed: /422/ });
});

test('of two at once the second is told, and loses nothing', async () => {
  restore(file, boiler);
  await edit(browser, plant, file, async (page) => {
    await type(page, 'temperature', 'scale', '0,5');
    await type(page, 'pressure', 'unit', 'mbar');
    await fine(page);
    await edit(browser, plant, file, async (other) => {
      await type(other, 'temperature', 'scale', '0,2');
      await type(other, 'counter', 'unit', 'kWh');
      await fine(other);
      await apply(other, 'mine first');
      await other.locator('.notice.good').waitFor();
    }, { httpCredentials: bert });
    await apply(page, 'mine too');
    await page.locator('.drawer .notice.warn').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.drawer').waitFor({ state: 'detached' });
    const theirs = boiler.replace('0,1', '0,2').replace('uint64', 'uint64;;;kWh');
    assert.equal(bytes(plant, file).toString(), theirs);
    const row = page.locator('.collisions tbody tr');
    assert.equal(await row.count(), 1);
    assert.match(await row.innerText(), /temperature\s+scale\s+0,1\s+0,2\s+0,5/);
    await pictures(page, 'maps-conflict');
    await row.getByRole('button', { name: 'Take mine' }).click();
    await row.waitFor({ state: 'detached' });
    await fine(page);
    await apply(page, 'both');
    await page.locator('.notice.good').waitFor();
    assert.equal(bytes(plant, file).toString(), theirs.replace('0,2', '0,5').replace(';bar;', ';mbar;'));
  }, { allowed: /409/ });
});

test('what was applied is listed with who and why, and one goes back to it', async () => {
  restore(file, boiler);
  await edit(browser, plant, file, async (page) => {
    await type(page, 'temperature', 'unit', 'degC');
    await fine(page);
    await apply(page, 'a mistake');
    await page.locator('.notice.good').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Applied before' }).click();
    const first = page.locator('.applied > li').first();
    assert.match(await first.innerText(), /anna.*now.*a mistake/s);
    const before = page.locator('.applied > li').nth(1);
    await before.getByRole('button', { name: /Back to this/ }).click();
    await before.locator('.diff li', { hasText: 'degC' }).waitFor();
    await accessible(page);
    await pictures(page, 'maps-back');
    await before.getByRole('button', { name: 'Go back' }).click();
    await page.locator('.toast', { hasText: 'runs with what it was' }).waitFor();
    assert.equal(bytes(plant, file).toString(), boiler);
  });
});

test('a draft outlives a bridge that was killed, and a page that was closed', async () => {
  restore(file, boiler);
  await edit(browser, plant, file, async (page) => {
    await type(page, 'temperature', 'description', 'while it lives');
    await fine(page);
    await page.getByText('edits are kept in this browser').waitFor();
    await plant.stopBridge('SIGKILL');
    await page.locator('.banner').waitFor();
    await type(page, 'pressure', 'description', 'while it is dead');
    await page.getByText('not checked').waitFor();
    await plant.startBridge();
    await fine(page);
    assert.equal(await (await cell(page, 'pressure', 'description')).innerText(), 'while it is dead');
    await page.reload();
    await opened(page);
    await page.locator('.notice', { hasText: 'are here again' }).waitFor();
    assert.equal(await (await cell(page, 'temperature', 'description')).innerText(), 'while it lives');
    await page.goto('about:blank');
    await page.goto(`${plant.url}/#/maps?file=${encodeURIComponent(file)}`);
    await opened(page);
    assert.equal(await (await cell(page, 'pressure', 'description')).innerText(), 'while it is dead');
    await page.getByRole('button', { name: 'Discard all edits' }).click();
    assert.equal(await (await cell(page, 'pressure', 'description')).innerText(), 'say "p"');
  }, { allowed: /ERR_CONNECTION|ERR_EMPTY_RESPONSE|net::/ });
});

test('a file in Windows-1252 stays so but for the cell that was edited', async () => {
  restore('tags/cooler.csv', latin);
  await edit(browser, plant, 'tags/cooler.csv', async (page) => {
    assert.equal(await (await cell(page, 'Wärme', 'unit')).innerText(), '°C');
    await type(page, 'Fluss', 'unit', 'µS');
    await page.locator('.cell', { hasText: 'µS' }).waitFor();
    await apply(page, 'Umlaute');
    await page.locator('.notice.good').waitFor();
    assert.deepEqual(bytes(plant, 'tags/cooler.csv'), Buffer.from(latin.toString('latin1').replace('m\xb3', '\xb5S'), 'latin1'));
  });
});

test('names that are markup are texts, wherever they are shown', () =>
  edit(browser, plant, 'tags/mean.csv', async (page) => {
    assert.equal(await page.locator('.grid img, .grid script').count(), 0);
    await page.locator('.live.good').first().waitFor();
    await (await cell(page, '<img src=x onerror=alert(1)>', 'address')).click();
    await page.keyboard.type('4000x');
    await page.keyboard.press('Enter');
    await page.locator('.cell.problem').waitFor();
    await page.keyboard.press('Control+z');
    await type(page, '<img src=x onerror=alert(1)>', 'tag', '<b onclick=alert(2)>');
    await fine(page);
    await page.getByRole('button', { name: 'Differences and Apply' }).click();
    await page.locator('.diff li', { hasText: 'onclick' }).first().waitFor();
    assert.equal(await page.locator('.drawer b[onclick], .drawer img').count(), 0);
    await pictures(page, 'maps-hostile');
  }));

test('who may only look is told why, and can change nothing', () => {
  restore(file, boiler);
  return edit(browser, plant, file, async (page) => {
    assert.match(await page.locator('.notice').innerText(), /guard may only look/);
    await (await cell(page, 'temperature', 'unit')).click();
    await page.keyboard.type('x');
    await page.keyboard.press('Delete');
    await page.keyboard.press('Control+v');
    assert.equal(await (await cell(page, 'temperature', 'unit')).innerText(), '°C');
    assert.equal(await page.getByRole('button', { name: 'Add rows' }).count(), 0);
    await accessible(page);
    await pictures(page, 'maps-look');
  }, { httpCredentials: guard });
});

test('a map in YAML is edited as text, with its problems at their lines', async () => {
  overwrite(plant, 'tags/press.yaml', yaml);
  const config = bytes(plant, 'plant.yaml').toString();
  overwrite(plant, 'plant.yaml', config.replace('tags/boiler.csv]', 'tags/boiler.csv, tags/press.yaml]'));
  plant.reload();
  try {
    await look(browser, plant, { httpCredentials: anna, at: '#/maps' }, async (page) => {
      await settled(page);
      await page.getByRole('link', { name: 'tags/press.yaml' }).click();
      const text = page.locator('#maptext');
      await text.fill(yaml.replace('40002', '4x'));
      await page.locator('.numbers .problem').waitFor();
      assert.match(await page.locator('.problems').innerText(), /Line 4/);
      await pictures(page, 'maps-yaml');
      await text.fill(yaml.replace('40002', '40005'));
      await fine(page);
      await apply(page);
      await page.locator('.notice.good').waitFor();
      assert.equal(bytes(plant, 'tags/press.yaml').toString(), yaml.replace('40002', '40005'));
    });
  } finally {
    overwrite(plant, 'plant.yaml', config);
    plant.reload();
  }
});

test('a workbook is taken as a draft, and the map is saved as one', async () => {
  restore(file, boiler);
  await edit(browser, plant, file, async (page) => {
    await page.getByRole('button', { name: 'Files' }).click();
    const [saved] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'XLSX' }).click()]);
    assert.equal(saved.suggestedFilename(), 'boiler.xlsx');
    await page.getByLabel('Take a file').setInputFiles(await saved.path().then((path) => ({ name: 'back.xlsx', mimeType: '', buffer: readFileSync(path) })));
    await page.locator('.toast', { hasText: 'back.xlsx' }).waitFor();
    await fine(page);
    assert.equal(await (await cell(page, 'temperature', 'scale')).innerText(), '0.1');
    await page.getByRole('button', { name: 'Differences and Apply' }).click();
    await page.getByText('Nothing that the bridge does changes.').waitFor();
    assert.equal(bytes(plant, file).toString(), boiler);
  });
});

test('a draft is saved as a workbook', async () => {
  restore(file, boiler);
  await edit(browser, plant, file, async (page) => {
    await type(page, 'temperature', 'unit', 'K');
    await fine(page);
    await page.getByRole('button', { name: 'Files' }).click();
    const drawer = page.locator('.drawer');
    const [saved] = await Promise.all([page.waitForEvent('download'), drawer.getByRole('button', { name: 'XLSX' }).click()]);
    assert.equal(saved.suggestedFilename(), 'boiler.xlsx');
    await page.getByLabel('Take a file').setInputFiles(await saved.path().then((path) => ({ name: 'draft.xlsx', mimeType: '', buffer: readFileSync(path) })));
    await page.locator('.toast', { hasText: 'draft.xlsx' }).waitFor();
    await fine(page);
    assert.equal(await (await cell(page, 'temperature', 'unit')).innerText(), 'K');
    assert.equal(bytes(plant, file).toString(), boiler);
  });
});

test('drafts of several maps are checked and applied together', async () => {
  restore(file, boiler);
  restore('tags/cooler.csv', latin);
  await edit(browser, plant, file, async (page) => {
    await type(page, 'temperature', 'unit', 'K');
    await fine(page);
    await page.getByLabel('File', { exact: true }).selectOption('tags/cooler.csv');
    await page.locator('.cell', { hasText: /^Fluss$/ }).waitFor();
    await type(page, 'Fluss', 'unit', 'l');
    await page.getByRole('button', { name: 'Differences and Apply' }).click();
    const drawer = page.locator('.drawer');
    await drawer.getByLabel('tags/boiler.csv').waitFor();
    assert.ok(await drawer.getByLabel('tags/boiler.csv').isChecked());
    await drawer.locator('.diff li', { hasText: 'boiler/temperature' }).waitFor();
    await drawer.locator('.diff li', { hasText: 'cooler/Fluss' }).waitFor();
    await accessible(page);
    await pictures(page, 'maps-together');
    await drawer.getByLabel('tags/boiler.csv').uncheck();
    await drawer.locator('.diff li', { hasText: 'boiler/temperature' }).waitFor({ state: 'detached' });
    await drawer.getByLabel('tags/boiler.csv').check();
    await drawer.locator('.diff li', { hasText: 'boiler/temperature' }).waitFor();
    await drawer.getByLabel('Comment').fill('both at once');
    await drawer.getByRole('button', { name: 'Apply', exact: true }).click();
    await page.locator('.notice.good').waitFor();
    assert.equal(bytes(plant, file).toString(), boiler.replace('\u00b0C', 'K'));
    assert.deepEqual(bytes(plant, 'tags/cooler.csv'), Buffer.from(latin.toString('latin1').replace('m\xb3', 'l'), 'latin1'));
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Applied before' }).click();
    assert.match(await page.locator('.applied > li').first().innerText(), /both at once/);
  });
});
