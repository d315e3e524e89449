/** A client that asks a server as often as it can. */
import { createRequire } from 'node:module';
import { serve } from '../serve.ts';

interface Load {
  readonly port: number;
  readonly seconds: number;
}

interface Result {
  readonly errors: number;
  readonly non2xx: number;
  readonly requests: { readonly total: number };
}

// It has no types of its own.
const autocannon = createRequire(import.meta.url)('autocannon') as (options: {
  url: string;
  connections: number;
  duration: number;
}) => Promise<Result>;

serve({
  /** Answered requests; all of them were answered well. */
  ask: async ({ port, seconds }: Load): Promise<number> => {
    const url = `http://127.0.0.1:${port}/`;
    const { errors, non2xx, requests } = await autocannon({ url, connections: 32, duration: seconds }); // prettier-ignore
    if (errors + non2xx > 0)
      throw new Error(`${errors} errors, ${non2xx} answers that are not 2xx`);
    return requests.total;
  },
});
