/** A client that asks a server as often as it can. */
import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { serve } from '../serve.ts';

interface Load {
  readonly port: number;
  readonly requests: number;
}

/** What came of it. */
export interface Answered {
  readonly requests: number;
  readonly wallMs: number;
}

interface Result {
  readonly errors: number;
  readonly non2xx: number;
}

interface Running extends EventEmitter, Promise<Result> {}

// It has no types of its own.
const autocannon = createRequire(import.meta.url)('autocannon') as (options: {
  url: string;
  connections: number;
  amount: number;
  sampleInt: number;
}) => Running;

serve({
  /** Asks so many times; all answers have to be good. */
  ask: async ({ port, requests: amount }: Load): Promise<Answered> => {
    const startMs = performance.now();
    let [requests, wallMs] = [0, 0];
    const url = `http://127.0.0.1:${port}/`;
    // It notices that it is done when it takes a sample, and that may be later.
    const running = autocannon({ url, connections: 32, amount, sampleInt: 50 });
    void running.on('response', () => {
      if (++requests === amount) wallMs = performance.now() - startMs;
    });
    const { errors, non2xx } = await running;
    if (errors + non2xx > 0)
      throw new Error(`${errors} errors, ${non2xx} answers that are not 2xx`);
    return { requests, wallMs };
  },
});
