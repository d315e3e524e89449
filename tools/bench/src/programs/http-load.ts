/** A client that asks a server as often as it can. */
import { createRequire } from 'node:module';
import { serve } from '../serve.ts';

interface Load {
  readonly port: number;
  readonly requests: number;
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
  amount: number;
}) => Promise<Result>;

serve({
  /** Asks so many times; resolves with the number of answers, all of them good. */
  ask: async ({ port, requests: amount }: Load): Promise<number> => {
    const url = `http://127.0.0.1:${port}/`;
    const { errors, non2xx, requests } = await autocannon({ url, connections: 32, amount }); // prettier-ignore
    if (errors + non2xx > 0)
      throw new Error(`${errors} errors, ${non2xx} answers that are not 2xx`);
    return requests.total;
  },
});
