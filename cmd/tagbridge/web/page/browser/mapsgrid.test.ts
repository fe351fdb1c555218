import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { apply, bytes, cell, edit, editable, fine, overwrite, type } from './mapsrig.ts';
import { type Plant } from './plant.ts';
import { openBrowser } from './rig.ts';

const map = 'tag,address,type,scale,unit,description\np1,40001,float32,,bar,\np2,40003,float32,,bar,\np3,40005,float32,,bar,\n';
const file = 'tags/line.csv';

let browser: Browser;
let plant: Plant;
before(async () => {
  [browser, plant] = await Promise.all([openBrowser(), editable({ devices: [{ name: 'line', map, more: ['poll: 10s'] }] })]);
});
after(() => Promise.all([browser?.close(), plant?.stop()]));

test('a range of a spreadsheet with decimal commas is pasted through the clipboard', async () => {
  await edit(browser, plant, file, async (page) => {
    const rows = Array.from({ length: 5_000 }, (_, i) => [`t${i}`, String(40001 + i), 'int16', '0,1', '°C', `"two\nlines ""${i}"""`].join('\t')).join('\r\n');
    await page.evaluate((text) => navigator.clipboard.writeText(text), rows);
    await (await cell(page, 'p1', 'tag')).click();
    await page.evaluate(() => {
      const w = window as unknown as { took: number };
      document.addEventListener('paste', () => {
        const from = performance.now();
        requestAnimationFrame(() => requestAnimationFrame(() => (w.took = performance.now() - from)));
      }, { capture: true, once: true });
    });
    await page.keyboard.press('Control+v');
    await page.locator('.cell', { hasText: /^t0$/ }).waitFor();
    await page.waitForFunction(() => 'took' in window);
    console.log(`5,000 x 6 cells are pasted and shown in ${await page.evaluate(() => Math.round((window as unknown as { took: number }).took))} ms`);
    await fine(page);
    await page.keyboard.press('Control+End');
    await page.locator('.cell', { hasText: /^t4999$/ }).waitFor();
    await apply(page, 'from a spreadsheet');
    await page.locator('.notice.good').waitFor();
    const text = bytes(plant, file).toString();
    assert.ok(text.startsWith('tag,address,type,scale,unit,description\nt0,40001,int16,0.1,°C,"two\nlines ""0"""\n'), text.slice(0, 200));
    assert.ok(text.endsWith('t4999,45000,int16,0.1,°C,"two\nlines ""4999"""\n'), text.slice(-200));
    await page.keyboard.press('Escape');
    await (await cell(page, 't4999', 'tag')).click();
    await page.keyboard.press('Control+z');
    await page.locator('.cell', { hasText: /^p3$/ }).waitFor();
  });
});

test('ten thousand rows are scrolled', async () => {
  overwrite(plant, file, `tag,address\n${Array.from({ length: 10_000 }, (_, i) => `t${i},${400001 + i}\n`).join('')}`);
  await edit(browser, plant, file, async (page) => {
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Performance.enable');
    const busy = async () => (await cdp.send('Performance.getMetrics')).metrics.find((m) => m.name === 'TaskDuration')?.value ?? 0;
    const before = await busy();
    const rate = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const box = document.querySelector('.grid') as HTMLElement;
          const begin = performance.now();
          let n = 0;
          const step = () => {
            box.scrollTop = (box.scrollHeight * n++) / 60;
            if (n <= 60) requestAnimationFrame(step);
            else resolve(60_000 / (performance.now() - begin));
          };
          requestAnimationFrame(step);
        }),
    );
    const work = ((await busy()) - before) * 1000;
    console.log(`10,000 rows are scrolled at ${rate.toFixed(0)} frames a second, each of ${(work / 60).toFixed(1)} ms of work`);
    await page.locator('.cell', { hasText: /^t9999$/ }).waitFor();
    assert.ok((await page.locator('.gridrow').count()) < 100);
  });
});

test('by keyboard alone: edit, fill, add, remove, undo, redo', async () => {
  overwrite(plant, file, map);
  await edit(browser, plant, file, async (page) => {
    for (let n = 0; n < 60 && !(await page.evaluate(() => document.activeElement?.classList.contains('cellinput'))); n++) await page.keyboard.press('Tab');
    const column = (c: string) => page.locator(`.gridrow .cell:nth-child(${c})`).allInnerTexts();
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('F2');
    await page.keyboard.press('End');
    await page.keyboard.press('Backspace');
    await page.keyboard.type('7');
    await page.keyboard.press('Enter');
    await page.locator('.cell', { hasText: /^40007$/ }).waitFor();
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('Control+Shift+ArrowDown');
    await page.keyboard.press('Control+d');
    assert.deepEqual(await column('2'), ['p1', 'p1', 'p1']);
    await page.keyboard.press('Control+z');
    assert.deepEqual(await column('2'), ['p1', 'p2', 'p3']);
    await page.keyboard.press('Control+y');
    assert.deepEqual(await column('2'), ['p1', 'p1', 'p1']);
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('Control+Minus');
    await page.locator('.cell', { hasText: /^p1$/ }).waitFor({ state: 'detached' });
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement?.classList.contains('cellinput')), false);
  });
});

test('cells are copied and pasted within the grid, a series is dragged, a column added', async () => {
  overwrite(plant, file, map);
  await edit(browser, plant, file, async (page) => {
    await (await cell(page, 'p1', 'unit')).click();
    await page.keyboard.press('Control+c');
    await (await cell(page, 'p2', 'description')).click();
    await page.keyboard.press('Control+v');
    assert.equal(await (await cell(page, 'p2', 'description')).innerText(), 'bar');
    await page.getByRole('button', { name: 'Add rows' }).click();
    await (await cell(page, 'p2', 'tag')).click();
    await (await cell(page, 'p2', 'type')).click({ modifiers: ['Shift'] });
    const handle = await page.locator('.fillhandle').boundingBox();
    assert.ok(handle);
    await page.mouse.move(handle.x + 4, handle.y + 4);
    await page.mouse.down();
    await page.mouse.move(handle.x + 4, handle.y + 20);
    await page.mouse.move(handle.x + 4, handle.y + 34);
    await page.mouse.up();
    await page.getByLabel('Add column').selectOption('report');
    await page.locator('.headcell', { hasText: 'report' }).waitFor();
    await type(page, 'p1', 'report', 'change');
    await fine(page);
    await apply(page);
    await page.locator('.notice.good, .notice.warn').first().waitFor();
    assert.equal(
      bytes(plant, file).toString(),
      'tag,address,type,scale,unit,description,report\np1,40001,float32,,bar,,change\np2,40003,float32,,bar,bar\np3,40005,float32,,,\np4,40007,float32,,bar,\n',
    );
  });
});
