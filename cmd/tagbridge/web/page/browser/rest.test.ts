import assert from 'node:assert/strict';
import { test } from 'node:test';
import { absent, boiler, hostile, hostileDevice } from './names.ts';
import { accessible, fake, pictures, settled, stage } from './rig.ts';
import { until } from './plant.ts';

const s = stage({ devices: [boiler, absent, hostileDevice], http: '' });

interface Sink {
  [field: string]: unknown;
}

/** failing is a sink that is everything that can be wrong with one. */
const failing = (was: Sink[]): Sink[] => [
  ...was,
  {
    ...was[0], sink: 'historian', type: 'influxdb', connected: false, since: '2026-03-01T06:00:00Z', delivered: 12_345_678, rejected: 3, kept: 3, resending: false, refused: 5, dropped: 234_800,
    behind_samples: 98_000, behind_bytes: 1_234_567, behind_seconds: 4000, drain_seconds: null, set_aside: 1, error: '<img src=x onerror=alert(1)> refused',
    losses: [{ reason: 'size', samples: 234_800, first: '2026-03-01T07:00:00Z', last: '2026-03-01T09:00:00Z' }, { reason: 'a new one', samples: 1, first: null, last: null }],
  },
];

test('a sink that is not well comes first and says all that is known of it', () =>
  s.look({ at: '#/sinks' }, async (page) => {
    await fake<Sink[]>(page, '/api/v1/sinks', failing);
    await page.route('**/api/v1/rejected?*', (route) => route.fulfill({ json: hostile.map((tag, i) => ({ time: '2026-03-01T07:00:00Z', device: 'mean', tag, value: i, quality: 'Good', unit: tag, reason: tag })) }));
    await settled(page);
    const first = page.locator('tbody tr').first();
    await first.getByText('takes nothing').waitFor();
    assert.match(await first.innerText(), /98\u202f000 samples, the oldest 1 h 6 min old, does not come nearer/);
    await pictures(page, 'sinks-failing');
    await first.getByRole('link', { name: 'historian' }).click();
    const drawer = page.getByRole('complementary', { name: 'historian' });
    await drawer.getByText('the journal was full').waitFor();
    await drawer.getByText('3 rejected samples are kept').waitFor();
    await drawer.getByText(hostile[0]!).first().waitFor();
    await accessible(page);
    await pictures(page, 'sink');
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
  }));

test('a connection shows what is measured, what is planned, and a period of it', () =>
  s.look({ at: '#/connections?device=boiler' }, async (page) => {
    await settled(page);
    await page.getByText('One period').waitFor();
    assert.ok((await page.locator('.timeline .block').count()) >= 2);
    assert.match(await page.locator('.timeline .block title').first().textContent() ?? '', /boiler, unit 1: (holding registers|discrete inputs) 0 to/);
    await page.getByRole('link', { name: 'boiler' }).first().waitFor();
    await accessible(page);
    await pictures(page, 'connection');
  }));

test('a connection that has no time says what to read less often', () =>
  s.look({ at: '#/connections' }, async (page) => {
    await fake<{ slow_down: unknown[]; busy: number; planned: number }[]>(page, '/api/v1/lines', (lines) =>
      lines.map((l, i) => (i === 0 ? { ...l, busy: 1, planned: 1.4, slow_down: [{ device: hostile[0], period: '200ms', share: 1.1, tags: 40, fits: '500ms' }] } : l)));
    await settled(page);
    const slow = page.locator('section.panel', { hasText: 'Read these less often' });
    await slow.getByText('every 500ms would fit').waitFor();
    await pictures(page, 'connections-slow');
  }));

test('events are filtered by device and kind, and come while one looks', () =>
  s.look({ at: '#/events', allowed: /status of 400/ }, async (page) => {
    await settled(page);
    await page.getByRole('cell', { name: 'device offline' }).first().waitFor();
    await page.getByLabel('Device', { exact: true }).selectOption('press');
    await until('the events of press alone', async () => {
      const cells = await page.locator('tbody tr td:nth-child(3)').allInnerTexts();
      return cells.length > 0 && cells.every((c) => c === 'press');
    });
    await page.getByLabel('Device', { exact: true }).selectOption('');
    await page.getByLabel('Kind', { exact: true }).selectOption('reload');
    await page.getByText('Nothing happened in this time.').waitFor();
    s.plant.file('tags/boiler.csv', `${boiler.map}more,40030,,,\n`);
    s.plant.reload();
    await page.getByRole('cell', { name: 'new configuration' }).first().waitFor();
    await page.getByLabel('Kind', { exact: true }).selectOption('');
    await pictures(page, 'events-many');
    await page.getByLabel('Time', { exact: true }).selectOption('own');
    await page.getByLabel('Until', { exact: true }).fill('2020-01-01T00:00');
    await page.getByRole('alert').waitFor(); // until is before since, said by the bridge
  }));
