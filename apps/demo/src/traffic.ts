import { Agent, get } from 'node:http';

export interface TrafficCounts {
  readonly answered: number;
  readonly failed: number;
  /** Of the answers so far. */
  readonly medianMs: number;
}

export interface Traffic {
  counts(): TrafficCounts;
  /** Resolves when so many more requests have been answered. */
  answered(more: number): Promise<void>;
  stop(): Promise<void>;
}

// What the shop's people look at, in the order in which one of them clicks.
const depots = ['berlin', 'bremen', 'dresden', 'erfurt', 'essen', 'fulda', 'kassel', 'mainz'];
const clicks: readonly ((turn: number) => string)[] = [
  (turn) => `/depots/${depots[turn % depots.length]}/board?page=${turn % 9}`,
  (turn) => `/orders/${1 + ((turn * 37) % 4000)}`,
  (turn) => `/customers/${1 + ((turn * 11) % 600)}/statement`,
  (turn) => `/depots/${depots[turn % depots.length]}/picks?wave=${turn % 7}`,
  () => '/reports/regions',
];

/** Lets a few people work with the service at once, each waiting a little before the next click. */
export function startTraffic(url: string, { people = 4, pauseMs = 2 } = {}): Traffic {
  const agent = new Agent({ keepAlive: true, maxSockets: people });
  const times: number[] = [];
  const waiting: { at: number; resolve: () => void }[] = [];
  let failed = 0;
  const stopping = new AbortController();

  async function click(path: string): Promise<void> {
    const startedAt = performance.now();
    const { status } = await request(`${url}${path}`, agent);
    if (status === 200) times.push(performance.now() - startedAt);
    else failed += 1;
    for (const { at, resolve } of waiting) if (times.length >= at) resolve();
  }

  async function work(person: number): Promise<void> {
    for (let turn = person * 101; !stopping.signal.aborted; turn += 1) {
      const path = clicks[turn % clicks.length]?.(turn) ?? '/';
      await click(path).catch(() => (failed += stopping.signal.aborted ? 0 : 1));
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  const workers = Array.from({ length: people }, (_, person) => work(person));
  return {
    counts: () => ({
      answered: times.length,
      failed,
      medianMs: times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0,
    }),
    answered: (more) =>
      new Promise((resolve) => {
        waiting.push({ at: times.length + more, resolve });
      }),
    async stop() {
      stopping.abort();
      agent.destroy();
      await Promise.all(workers);
    },
  };
}

/** Asks once. */
export async function request(
  url: string,
  agent?: Agent,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const call = get(url, agent === undefined ? {} : { agent }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => (body += text));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    call.on('error', reject);
  });
}
