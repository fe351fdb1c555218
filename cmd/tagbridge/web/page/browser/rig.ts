// A real browser that looks at the page, and tells everything that it finds wrong.
import { readFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { after, before } from 'node:test';
import { Plant, type PlantOptions } from './plant.ts';

const flags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

/** openBrowser starts Chromium: the one that CHROMIUM names. */
export function openBrowser(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'];
  if (!executablePath) throw new Error('CHROMIUM must name the browser: run make page-test');
  return chromium.launch({ executablePath, headless: true, args: flags });
}

/** Stage is a browser and a plant, for as long as the tests of a file run. */
export interface Stage {
  browser: Browser;
  plant: Plant;
  /** look is look at this plant. */
  look(options: LookOptions, see: (page: Page) => Promise<void>): Promise<void>;
}

/** stage opens both before the tests of the file and closes them after. */
export function stage(options: PlantOptions): Stage {
  const s = { look: (o: LookOptions, see: (page: Page) => Promise<void>) => look(s.browser, s.plant, o, see) } as Stage;
  before(async () => {
    s.browser = await openBrowser();
    s.plant = await Plant.start(options);
  });
  after(async () => {
    await s.browser?.close();
    await s.plant?.stop();
  });
  return s;
}

/** fake has the page get another answer from path than the bridge's: what change makes of that. */
export async function fake<T>(page: Page, path: string, change: (said: T) => T): Promise<void> {
  await page.route(
    (url) => url.pathname === path,
    async (route) => {
      try {
        const answer = await route.fetch();
        const { 'x-tagbridge-status': verdict = '', date = '' } = answer.headers();
        await route.fulfill({ status: answer.status(), headers: { 'x-tagbridge-status': verdict, date }, json: change((await answer.json()) as T) });
      } catch (err) {
        if (!page.isClosed() && !/disposed|closed|ended/.test(String(err))) throw err; // the test has ended meanwhile
      }
    },
  );
}

export interface LookOptions extends BrowserContextOptions {
  /** Where to begin, such as #/values. */
  at?: string;
  /** Console errors that belong to the test, such as those of a server that was killed. */
  allowed?: RegExp;
}

export const desk = { width: 1280, height: 800 };
export const phone = { width: 390, height: 844 };

/**
 * look opens the page of a plant and gives it to see. Afterwards nothing may have been violated: no error on the console,
 * none of a script, nothing that the content policy refused.
 */
export async function look(browser: Browser, plant: Pick<Plant, 'url'>, options: LookOptions, see: (page: Page) => Promise<void>): Promise<void> {
  const { at = '', allowed, ...rest } = options;
  const context = await browser.newContext({ viewport: desk, locale: 'en-GB', timezoneId: 'Europe/Berlin', colorScheme: 'light', ...rest });
  const faults: string[] = [];
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    watch(page, faults);
    await page.goto(`${plant.url}/${at}`);
    await see(page);
    await page.unrouteAll({ behavior: 'ignoreErrors' }); // what fake is answering as the page goes
  } finally {
    for (const page of context.pages()) await page.unrouteAll({ behavior: 'ignoreErrors' });
    await context.close();
  }
  const wrong = faults.filter((f) => !allowed?.test(f));
  if (wrong.length > 0) throw new Error(`the browser found faults:\n${wrong.join('\n')}`);
}

/** watch notes what a page finds wrong. */
export function watch(page: Page, faults: string[]): void {
  page.on('console', (m) => {
    if (m.type() === 'error' || /content security policy/i.test(m.text())) faults.push(`console: ${m.text()} ${m.location().url}`);
  });
  page.on('pageerror', (err) => faults.push(`script: ${err.stack ?? err.message}`));
  page.on('dialog', (d) => {
    faults.push(`dialog: ${d.message()}`);
    void d.dismiss();
  });
  page.on('request', (r) => {
    if (new URL(r.url()).hostname !== '127.0.0.1' && !r.url().startsWith('data:')) faults.push(`request elsewhere: ${r.url()}`);
  });
  void page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (e) => console.error(`policy: ${e.violatedDirective} ${e.blockedURI} ${e.sample}`));
  });
}

/** settled waits until the page has shown what it was asked for. */
export async function settled(page: Page): Promise<void> {
  await page.locator('main h1').first().waitFor();
  await page.waitForFunction(() => !document.querySelector('.loading'));
}

interface Axe {
  run(what: Document, options: object): Promise<{ violations: { id: string; impact: string; help: string; nodes: { html: string; failureSummary: string }[] }[] }>;
}
const axeSource = readFileSync(createRequire(join(process.env['PAGE'] ?? '.', 'package.json')).resolve('axe-core/axe.min.js'), 'utf8');

/** accessible wants no serious or critical fault of axe-core, in both colours. */
export async function accessible(page: Page): Promise<void> {
  await page.evaluate(axeSource);
  await faultless(page, {});
  await page.emulateMedia({ colorScheme: 'dark' });
  await faultless(page, { runOnly: ['color-contrast'] }); // the rest is as it was
  await page.emulateMedia({ colorScheme: 'light' });
}

async function faultless(page: Page, only: object): Promise<void> {
  const found = await page.evaluate(async (o) => {
    const axe = (globalThis as unknown as { axe: Axe }).axe;
    return (await axe.run(document, { resultTypes: ['violations'], ...o })).violations;
  }, only);
  const serious = found.filter((v) => v.impact === 'serious' || v.impact === 'critical');
  if (serious.length === 0) return;
  const text = serious.map((v) => `${v.id}: ${v.help}\n${v.nodes.slice(0, 3).map((n) => `  ${n.html.slice(0, 200)}\n  ${n.failureSummary.replace(/\n/g, '\n  ')}`).join('\n')}`);
  throw new Error(`axe found ${serious.length} faults:\n${text.join('\n')}`);
}

/** picture takes one into the folder that PICTURES names; without, it does nothing. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['PICTURES'];
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

/** pictures takes one at the size of a desk, light and dark, and one of a phone, if PICTURES names a folder. */
export async function pictures(page: Page, name: string): Promise<void> {
  if (!process.env['PICTURES']) return;
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(desk);
    await picture(page, `${name}-${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(phone);
  await picture(page, `${name}-phone`);
  await page.setViewportSize(desk);
}
