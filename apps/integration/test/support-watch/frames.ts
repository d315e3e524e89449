/// <reference lib="dom" />
import type { Page } from 'playwright-core';

/** What a page did over some time. */
export interface Frames {
  readonly framesPerSecond: number;
  readonly longestMs: number;
  readonly batchesPerSecond: number;
  readonly bytesPerSecond: number;
}

/** Counts frames in the page, and what comes over its web socket after it is loaded anew. */
export async function measureFrames(page: Page, durationMs: number): Promise<Frames> {
  let batches = 0;
  let bytes = 0;
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      batches++;
      bytes += payload.length;
    }),
  );
  await page.reload();
  await page.waitForSelector('canvas.flames');
  // What comes first is whole, and comes once.
  await page.waitForTimeout(2000);
  [batches, bytes] = [0, 0];
  const { count, longestMs, spanMs } = await page.evaluate(async (limitMs) => {
    const times: number[] = [];
    await new Promise<void>((resolve) => {
      const tick = (nowMs: number): void => {
        times.push(nowMs);
        if (nowMs - (times[0] ?? nowMs) < limitMs) requestAnimationFrame(tick);
        else resolve();
      };
      requestAnimationFrame(tick);
    });
    const gaps = times.slice(1).map((time, i) => time - (times[i] ?? time));
    return { count: gaps.length, longestMs: Math.max(...gaps), spanMs: (times.at(-1) ?? 0) - (times[0] ?? 0) }; // prettier-ignore
  }, durationMs);
  const seconds = spanMs / 1000;
  return { framesPerSecond: count / seconds, longestMs, batchesPerSecond: batches / seconds, bytesPerSecond: bytes / seconds }; // prettier-ignore
}
