import type { Page } from 'playwright-core';

/** What a page holds after a collection of garbage. */
export interface Held {
  readonly nodes: number;
  readonly listeners: number;
  readonly heapBytes: number;
}

/** Asks the browser, not the page: what it has kept is counted, whoever kept it. */
export async function heldBy(page: Page): Promise<Held> {
  const devtools = await page.context().newCDPSession(page);
  try {
    // Twice: what finalizers let go in the first is collected in the second.
    for (let i = 0; i < 2; i++) await devtools.send('HeapProfiler.collectGarbage');
    const { jsEventListeners, nodes } = await devtools.send('Memory.getDOMCounters');
    const { usedSize } = await devtools.send('Runtime.getHeapUsage');
    return { nodes, listeners: jsEventListeners, heapBytes: usedSize };
  } finally {
    await devtools.detach();
  }
}
