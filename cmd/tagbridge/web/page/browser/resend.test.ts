// A database that refuses a field, until somebody has mended it.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { anna, editable, guard } from './mapsrig.ts';
import { boiler } from './names.ts';
import { until, type Plant } from './plant.ts';
import { accessible, look, openBrowser, pictures, settled } from './rig.ts';

let browser: Browser;
let plant: Plant;
let database: Server;
let mended = false;
const taken: string[] = [];

before(async () => {
  database = createServer((request, answer) => {
    let body = '';
    request.on('data', (b: Buffer) => (body += b.toString()));
    request.on('end', () => {
      const refused = !mended && /counter=/.test(body);
      if (!refused) taken.push(body);
      answer.writeHead(refused ? 400 : 204, { 'Content-Type': 'application/json' });
      answer.end(refused ? JSON.stringify({ code: 'invalid', message: 'field type conflict: counter <img src=x onerror=alert(1)>' }) : undefined);
    });
  });
  await new Promise<void>((resolve) => database.listen(0, '127.0.0.1', resolve));
  const { port } = database.address() as AddressInfo;
  const sinks = `  - {name: historian, type: influxdb, url: "http://127.0.0.1:${port}", org: o, bucket: b, token: t, gzip: false, flush: 100ms}`;
  [browser, plant] = await Promise.all([openBrowser(), editable({ devices: [boiler], sinks })]);
});
after(() => Promise.all([browser?.close(), plant?.stop(), new Promise((done) => database.close(done))]));

const at = '#/sinks?sink=historian';

test('who may only look is told that he may not send again', () =>
  look(browser, plant, { at, httpCredentials: guard }, async (page) => {
    await settled(page);
    await page.getByText('They cannot be sent again from here').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Send again' }).count(), 0);
  }));

test('what was rejected is sent again: refused once more, then taken when the database is mended', () =>
  look(browser, plant, { at, httpCredentials: anna }, async (page) => {
    await settled(page);
    const drawer = page.getByRole('complementary', { name: 'historian' });
    await drawer.getByText(/rejected samples? (is|are) kept/).waitFor();
    await drawer.getByText('field type conflict').first().waitFor();
    await accessible(page);
    await drawer.getByRole('button', { name: 'Send again' }).click();
    await page.locator('.toast.bad', { hasText: 'again: look at' }).waitFor();
    await pictures(page, 'sink-resend');
    mended = true;
    await drawer.getByRole('button', { name: 'Send again' }).click();
    await page.locator('.toast', { hasText: 'historian has taken all that it had rejected' }).waitFor();
    await drawer.getByText(/rejected samples? (is|are) kept/).waitFor({ state: 'detached' });
    assert.equal(await drawer.getByRole('button', { name: 'Send again' }).count(), 0);
    await until('the database to have them', () => taken.some((body) => /counter=/.test(body)));
  }));
