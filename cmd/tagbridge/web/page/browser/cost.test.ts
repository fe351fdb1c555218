// What an open page asks for: twenty of them are not to be felt by the bridge.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { boiler } from './names.ts';
import { settled, stage } from './rig.ts';

const s = stage({ devices: [boiler] });

/** asked is what the page asks of the API in so many seconds of its own clock. */
async function asked(page: Page, seconds: number): Promise<string[]> {
  const paths: string[] = [];
  page.on('request', (r) => {
    const { pathname } = new URL(r.url());
    if (pathname.startsWith('/api/')) paths.push(pathname);
  });
  for (let n = 0; n < seconds * 10; n++) {
    await page.clock.runFor(100);
    await page.evaluate(() => fetch('/healthz')); // what was asked before it has been answered
  }
  return paths;
}

for (const [view, at, most, path] of [
  ['Overview', '#/overview', 12, '/api/v1/overview'],
  ['Values', '#/values', 12, '/api/v1/changes'],
  ['the manual', '#/manual', 7, '/api/v1/status'],
] as const) {
  test(`${view} asks once a second at most`, () =>
    s.look({ at }, async (page) => {
      await settled(page);
      await page.clock.install();
      await page.reload();
      await settled(page);
      await page.clock.runFor(3000);
      const paths = await asked(page, 10);
      assert.ok(paths.length <= most && paths.length >= 4, paths.join(' '));
      assert.ok(paths.filter((p) => p === path).length >= paths.length - 2, paths.join(' '));
    }));
}

test('while it shows something else, the bar learns of another verdict', () =>
  s.look({ at: '#/values' }, async (page) => {
    await settled(page);
    await page.locator('.top .verdict.good').waitFor();
    await s.plant.stopSim();
    await page.locator('.top .verdict.bad').waitFor();
  }));
