// A plant whose maps may be edited, and what one does with them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { Plant, type PlantOptions } from './plant.ts';
import { look, type LookOptions } from './rig.ts';

export const password = 'open sesame';
const hash = '$2a$04$Qa1mG0L.LUMGP4G85o6tX.2b6OA3hwnOzEG4.eHSK3IH5XfgtlWxG';

/** anna and bert may edit, guard may look. */
export const anna = { username: 'anna', password };
export const bert = { username: 'bert', password };
export const guard = { username: 'guard', password };

/** editable starts a plant whose maps may be edited. */
export function editable(options: PlantOptions): Promise<Plant> {
  const users = ['anna', 'bert'].map((n) => `${n}:${hash}:edit\n`).join('') + `guard:${hash}\n`;
  return Plant.start({ ...options, http: 'users: users, edit: true', files: { users, ...options.files } });
}

/** bytes are those of a file of the plant. */
export function bytes(plant: Plant, file: string): Buffer {
  return readFileSync(join(plant.dir, file));
}

/** overwrite writes bytes into a file of the plant, as a colleague with an editor does. */
export function overwrite(plant: Plant, file: string, content: Buffer | string): void {
  writeFileSync(join(plant.dir, file), typeof content === 'string' ? content : new Uint8Array(content));
}

/** edit opens a map as somebody. */
export function edit(browser: Browser, plant: Plant, file: string, see: (page: Page) => Promise<void>, options: LookOptions = {}): Promise<void> {
  return look(browser, plant, { httpCredentials: anna, permissions: ['clipboard-read', 'clipboard-write'], at: `#/maps?file=${encodeURIComponent(file)}`, ...options }, async (page) => {
    await opened(page);
    await see(page);
  });
}

/** opened waits until a map is there to be edited. */
export async function opened(page: Page): Promise<void> {
  await page.locator('.gridrow, #maptext').first().waitFor();
  await page.getByRole('button', { name: /^Differences/ }).waitFor();
}

/** cell is the cell of a tag's row in a column. */
export async function cell(page: Page, tag: string, column: string): Promise<Locator> {
  const heads = await page.locator('.headcell.name .text').allInnerTexts();
  const n = heads.indexOf(column);
  const first = page.locator('.cell:nth-child(2)', { hasText: new RegExp(`^${tag.replace(/[^\w\s]/g, '\\$&')}$`) });
  return page.locator('.gridrow').filter({ has: first }).locator('.cell').nth(n);
}

/** type puts text into a cell, as one does by hand. */
export async function type(page: Page, tag: string, column: string, text: string): Promise<void> {
  await (await cell(page, tag, column)).click();
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
}

/** fine waits until the bridge has found the draft to be without problems. */
export async function fine(page: Page): Promise<void> {
  await page.locator('.deskstate .badge.good').waitFor();
}

/** apply applies what was edited. */
export async function apply(page: Page, comment = ''): Promise<void> {
  await page.getByRole('button', { name: 'Differences and Apply' }).click();
  const drawer = page.locator('.drawer');
  await drawer.getByLabel('Comment').fill(comment);
  await drawer.getByRole('button', { name: 'Apply', exact: true }).click();
}
