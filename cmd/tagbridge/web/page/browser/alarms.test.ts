import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostile } from './names.ts';
import { accessible, fake, pictures, settled, stage } from './rig.ts';
import { until } from './plant.ts';

const map = (lo: string) => `tag,address,type,unit,lo,priority,alarm_text\nlevel,40001,uint16,mm,${lo},1,<b>Fill it</b>\nflow,40002,uint16,l/min,65534,3,\n`;
const tank = { name: 'tank', map: map('65534'), more: ['poll: 100ms'] };
const calm = { name: 'calm', map: 'tag,address,type\nspeed,40001,uint16\n' };
const s = stage({ devices: [tank, calm] });

test('alarms are listed with what is known of them, and lead to their tags', () =>
  s.look({ at: '#/alarms' }, async (page) => {
    await settled(page);
    const rows = page.getByRole('table', { name: 'Alarms' }).locator('tbody tr');
    await until('both alarms', async () => (await rows.count()) === 2);
    assert.match(await rows.first().innerText(), /tank\/level\s+(\S+ )?lo, priority 1\s.*mm.*65534\smm\s+<b>Fill it<\/b>/s);
    assert.match(await rows.last().innerText(), /tank\/flow.*priority 3/s);
    await page.getByText('2 alarms are active', { exact: true }).waitFor();
    assert.equal(await rows.first().locator('time').count(), 1);
    const changes = page.getByRole('table').last().locator('tbody tr');
    await until('their events', async () => (await changes.count()) === 2);
    assert.match(await changes.last().innerText(), /lo alarm, priority/);
    await accessible(page);
    await pictures(page, 'alarms-active');
    await rows.first().getByRole('link').click();
    await page.waitForFunction(() => location.hash.startsWith('#/values?tag=tank%2Flevel'));
  }));

test('an address has the device and the priority in it', () =>
  s.look({ at: '#/alarms?device=tank&priority=3', allowed: /status of 400/ }, async (page) => {
    await settled(page);
    const rows = page.getByRole('table', { name: 'Alarms' }).locator('tbody tr');
    await until('the one alarm', async () => (await rows.count()) === 1);
    assert.match(await rows.first().innerText(), /tank\/flow/);
    await page.getByLabel('Device', { exact: true }).selectOption('calm');
    await page.getByText('No such alarm is active.').waitFor();
    assert.equal(await page.evaluate(() => location.hash), '#/alarms?device=calm&priority=3');
    await page.getByLabel('Priority', { exact: true }).selectOption('');
    await page.getByText('No alarm has changed in the last day.').waitFor();
    await page.goto(`${page.url().split('#')[0]}#/alarms?device=nobody`);
    await page.getByRole('alert').first().waitFor(); // said by the bridge
  }));

test('an alarm that is over goes, and its end is told', () =>
  s.look({ at: '#/alarms?device=tank&priority=1' }, async (page) => {
    await settled(page);
    const rows = page.getByRole('table', { name: 'Alarms' }).locator('tbody tr');
    await until('the alarm', async () => (await rows.count()) === 1);
    s.plant.file('tags/tank.csv', map('0.5'));
    s.plant.reload();
    await page.getByText('No such alarm is active.').waitFor();
    await page.getByText(/lo alarm over after/).first().waitFor();
    s.plant.file('tags/tank.csv', map('65534'));
    s.plant.reload();
    await until('the alarm again', async () => (await rows.count()) === 1);
  }));

test('nothing is there, in German, and the worst names are texts', () =>
  s.look({ at: '#/alarms', locale: 'de-DE' }, async (page) => {
    let empty = true;
    const one = (tag: string, i: number) => ({
      device: tag, tag, level: 'hihi', since: '2026-03-01T06:00:00Z', changed: '2026-03-01T06:00:00Z', value: null, limit: null, unit: tag, quality: 'BadTimeout', priority: 1 + (i % 4), text: tag, row: tag,
    });
    await fake(page, '/api/v1/alarms', () => (empty ? [] : hostile.map(one)));
    await settled(page);
    await page.getByText('Kein Alarm ist aktiv.').waitFor();
    await pictures(page, 'alarms-none');
    empty = false;
    const rows = page.getByRole('table', { name: 'Alarme' }).locator('tbody tr');
    await until('all of them', async () => (await rows.count()) === hostile.length);
    await accessible(page);
    await pictures(page, 'alarms-hostile');
    empty = true;
    await page.getByRole('link', { name: 'Wie eine Zeile einer Tagliste einen Alarm bekommt' }).click();
    await page.waitForFunction(() => location.hash === '#/manual?chapter=alarms');
  }));
