/// <reference lib="dom" />
/**
 * A page that is left open: what it shows and its own clock run hundreds of times as fast as ours, so
 * that hours of it pass in seconds. `npm run soak -- page` leaves one open over real events and time.
 */
import { startWatchServer } from '@extension-events/consumer-profiler-graph/server';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeGraph } from '../../../packages/consumer-profiler-graph/src/testing/fake-graph.ts';
import { needChromium, openPage } from './support-watch/browser.ts';
import { type Held, heldBy } from './support-watch/held.ts';

const hourMs = 3_600_000;
const speed = 600;
const patience = { timeout: 100_000, interval: 200 };
const hash = '#range=300000&timeline&card=net.send;tab=incidents&card=hot-spot.sample;tab=flame&card=http.server.request;tab=heat&card=http.**;by=event&card=fs.read;by=thread;tab=top'; // prettier-ignore

describe('a page left open', () => {
  beforeEach(needChromium);

  it('holds no more after hours than after minutes', async () => {
    const startMs = Date.now();
    const now = (): number => startMs + (Date.now() - startMs) * speed;
    await using server = await startWatchServer(new FakeGraph({ now }), { token: 'fake' });
    await using open = await openPage(`${server.url}${hash}`, { height: 1600, speed });
    const { complaints, page } = open;
    const total = async (): Promise<number> => Number((await page.locator('[data-number=total]').first().innerText()).replaceAll(',', '')); // prettier-ignore
    const after = async (hours: number): Promise<Held> => {
      const before = await total();
      const untilMs = now() + hours * hourMs;
      await expect.poll(() => now() >= untilMs, patience).toBe(true);
      // It has shown them: net.send comes 130 times a second.
      expect((await total()) - before).toBeGreaterThan(hours * 3600 * 100);
      return heldBy(page);
    };
    await page.waitForSelector('canvas.flames', { timeout: 100_000 });
    const first = await after(1);
    const last = await after(3);
    console.log(
      `a page held ${JSON.stringify(first)}, and three hours later ${JSON.stringify(last)}`,
    );
    expect(last.nodes).toBeLessThan(first.nodes * 1.1);
    expect(last.listeners).toBeLessThan(first.listeners * 1.1);
    // What is on its way when it is looked at comes and goes by half a megabyte; what is kept stays.
    await expect
      .poll(async () => (await heldBy(page)).heapBytes, patience)
      .toBeLessThan(first.heapBytes + 1e6);
    expect(complaints).toEqual([]);
  });
});
