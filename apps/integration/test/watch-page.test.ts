/// <reference lib="dom" />
/**
 * The watcher's page in a real browser, over a graph that is computed from the time alone: its states,
 * its sizes and its keys. What it costs is measured by `npm run bench -- --only page`.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { startWatchServer, type WatchServer } from '@extension-events/consumer-profiler-graph/server'; // prettier-ignore
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeGraph } from '../../../packages/consumer-profiler-graph/src/testing/fake-graph.ts';
import { fakeScripts } from '../../../packages/consumer-profiler-graph/src/testing/fake-scripts.ts';
import { look, needChromium, openPage } from './support-watch/browser.ts';

const patience = { timeout: 60_000, interval: 50 };
const start = (isEmpty = false): Promise<WatchServer> => startWatchServer(new FakeGraph({ isEmpty }), { token: 'fake', scripts: fakeScripts }); // prettier-ignore
const text = (page: Page, selector: string): Promise<string> => page.locator(selector).first().innerText(); // prettier-ignore

describe('the page', () => {
  beforeEach(needChromium);

  it('says in an empty session what to do', async () => {
    await using server = await start(true);
    await using open = await openPage(server.url);
    await expect.poll(() => text(open.page, '.session'), patience).toContain('extev watch -- node app.js'); // prettier-ignore
    expect(await text(open.page, '.events')).toContain('Attach to a process above');
    expect(await text(open.page, '.main')).toContain('Pick an event');
  });

  it('says why an attach was refused, and the command that helps', async () => {
    await using server = await start();
    await using open = await openPage(server.url);
    await expect.poll(() => text(open.page, '.process.refused'), patience).toMatch(/belongs to another user[^]*sudo extev watch 4420/); // prettier-ignore
  });

  it('says what is wrong with a predicate, in its card', async () => {
    await using server = await start();
    await using open = await openPage(`${server.url}#card=net.send;where=syntax`);
    await expect.poll(() => text(open.page, '.card .fault'), patience).toContain('EE_PREDICATE_SYNTAX'); // prettier-ignore
  });

  it('connects again by itself, and shows what it showed', async () => {
    const first = await start();
    await using open = await openPage(`${first.url}#card=net.send`);
    const { page } = open;
    await expect.poll(() => text(page, '.numbers'), patience).toMatch(/[1-9]/);
    const { port, url } = first;
    await first.close();
    await expect.poll(() => text(page, '.banner'), patience).toContain('connects again by itself');
    await using second = await startWatchServer(new FakeGraph({ sinceMs: Date.now() }), { port, token: 'fake' }); // prettier-ignore
    await expect.poll(() => text(page, '.status'), patience).toBe('live');
    // The new server has counted from now on.
    await expect.poll(async () => Number((await text(page, '[data-number=total]')).replaceAll(',', '')), patience).toBeLessThan(10_000); // prettier-ignore
    expect(await page.locator('.banner').count()).toBe(0);
    expect(second.url).toBe(url);
  });

  it.each(['graphs', 'session', 'events', 'scripts'])('fits a phone: %s', async (panel) => {
    await using server = await start();
    const hash = '#range=300000&timeline&card=net.send;tab=incidents&card=hot-spot.sample;tab=flame&card=http.**;by=event;tab=top'; // prettier-ignore
    await using open = await openPage(`${server.url}${hash}`, { width: 390, height: 844 });
    const { page } = open;
    await page.locator('.phone-tabs button', { hasText: new RegExp(panel, 'i') }).click(patience);
    await expect.poll(() => page.locator('.card').count(), patience).toBe(4);
    await delay(500);
    const wide = await page.evaluate(() => [...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && element.closest('.tabs, .flame-scroll, .scroll, textarea') === null).map((element) => element.className)); // prettier-ignore
    expect(wide).toEqual([]);
  });

  it('has a name for everything that can be used', async () => {
    await using server = await start();
    await using open = await openPage(`${server.url}#timeline&scripts&card=hot-spot;tab=incidents&card=hot-spot.sample;tab=flame&card=http.server.request;tab=heat`); // prettier-ignore
    const { page } = open;
    await expect.poll(() => page.locator('canvas.flames').count(), patience).toBe(1);
    await page.locator('button[aria-label=Parameters]').first().click();
    await page.locator('button[aria-label=Filter]').last().click();
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll('button, input, select, textarea, canvas, [role=img], [role=meter], [role=application]')] // prettier-ignore
        .filter((element) => element.closest('.u-wrap') === null)
        .filter((element) => {
          const labels = (element as HTMLInputElement).labels ?? [];
          return ![element.getAttribute('aria-label'), element.textContent, ...[...labels].map((label) => label.textContent)].some((words) => (words ?? '').trim() !== ''); // prettier-ignore
        })
        .map((element) => element.outerHTML),
    );
    expect(nameless).toEqual([]);
  });

  it('is used by keys: time, pause, timeline, help, and back', async () => {
    await using server = await start();
    await using open = await openPage(`${server.url}#card=net.send`);
    const { complaints, page } = open;
    await expect.poll(() => page.locator('.card').count(), patience).toBe(1);
    const hash = (): string => new URL(page.url()).hash;
    await page.keyboard.press('3');
    await expect.poll(hash, patience).toContain('range=1800000');
    await expect.poll(() => page.locator('.card .chart-place').first().getAttribute('aria-label'), patience).toMatch(/\d{6}/); // prettier-ignore
    await page.keyboard.press('t');
    await expect.poll(() => page.locator('.timeline').count(), patience).toBe(1);
    await page.keyboard.press('p');
    await expect.poll(() => text(page, '.status'), patience).toMatch(/^paused \d\d:\d\d:\d\d$/);
    const shown = async (): Promise<string> => `${await page.locator('.card .chart-place').first().getAttribute('aria-label')}; ${await text(page, '.numbers')}`; // prettier-ignore
    const stands = async (): Promise<boolean> => {
      const before = await shown();
      await delay(1500);
      return before === (await shown());
    };
    await expect.poll(stands, patience).toBe(true);
    await page.keyboard.press('p');
    await expect.poll(() => text(page, '.status'), patience).toBe('live');
    await page.keyboard.press('?');
    await expect.poll(() => page.locator('dialog[open]').count(), patience).toBe(1);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('dialog').count(), patience).toBe(0);
    await page.keyboard.press('d');
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset['theme']), patience).toBe('light'); // prettier-ignore
    expect(complaints).toEqual([]);
  });

  it('shows the time that is dragged over, and leaves it by Escape', async () => {
    await using server = await start();
    await using open = await openPage(`${server.url}#range=300000&card=net.send;tab=histogram`);
    const { page } = open;
    const box = await page.locator('.u-over').first().boundingBox(patience);
    if (box === null) throw new Error('there is no chart');
    await page.mouse.move(box.x + box.width * 0.4, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + 40, { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => new URL(page.url()).hash, patience).toMatch(/span=\d+-\d+/);
    const [, from, to] = /span=(\d+)-(\d+)/.exec(new URL(page.url()).hash) ?? [];
    expect(Number(to) - Number(from)).toBeGreaterThan(50_000);
    expect(Number(to) - Number(from)).toBeLessThan(70_000);
    expect(await page.locator('.span-chip').count()).toBe(1);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('.span-chip').count(), patience).toBe(0);
  });

  it('has a flame graph for the mouse, for keys and for words, and gives it away', async () => {
    await using server = await start();
    await using open = await openPage(`${server.url}#card=hot-spot.sample;tab=flame`);
    const { complaints, page } = open;
    await expect.poll(() => page.locator('canvas.flames').count(), patience).toBe(1);
    await expect.poll(async () => (await look(page, 'canvas.flames')).colours, patience).toBeGreaterThan(20); // prettier-ignore
    const canvas = page.locator('canvas.flames');
    await canvas.focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown']) await page.keyboard.press(key);
    const name = await text(page, '.flame-words b');
    expect(name).not.toBe('all');
    await page.keyboard.press('Enter');
    await expect.poll(() => text(page, '.flame-words'), patience).toContain('Whole graph');
    await page.keyboard.press('Escape');
    await expect.poll(() => text(page, '.flame-words'), patience).not.toContain('Whole graph');
    await page.getByLabel('Search frames').fill(name);
    await expect.poll(() => text(page, '.found'), patience).toMatch(/^\d+(\.\d)? % found$/);
    await page.getByRole('button', { name: 'Functions by their weight' }).click();
    await expect.poll(() => text(page, '.flame-table tbody'), patience).toContain(name);
    await page.getByText('Export').click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'speedscope' }).click()]); // prettier-ignore
    expect(download.suggestedFilename()).toBe('hot-spot.sample.speedscope.json');
    expect(complaints).toEqual([]);
  });
});
