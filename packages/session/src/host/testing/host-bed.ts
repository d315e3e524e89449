/** For tests: a host over a fake process, and consumers of it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection, type ConnectOptions, type HostProducerSource } from '../../connection.ts';
import type { EventItem, LossItem } from '../../items.ts';
import type { TargetListening } from '../../target-connection.ts';
import { Host, type HostSettings } from '../host.ts';
import { FakeLinux } from './fake-linux.ts';

export const fakeProducer: HostProducerSource = {
  id: 'fake',
  hostUrl: new URL('./fake-producer.ts', import.meta.url).href,
  schemes: ['fake'],
};

export interface HostBed extends AsyncDisposable {
  readonly host: Host;
  readonly linux: FakeLinux;
  readonly directory: string;
  readonly socketPath: string;
  connect(options?: ConnectOptions): Promise<Connection>;
}

/** Threads 100 (main), 101 and 102. */
export async function openHostBed(settings: Partial<HostSettings> = {}): Promise<HostBed> {
  const directory = mkdtempSync(join(tmpdir(), 'ee-host-'));
  const socketPath = join(directory, '100-1.host.sock');
  const linux = new FakeLinux(100, [100, 101, 102]);
  const host = new Host({ socketPath, linux, name: 'prog', runtime: 'native', idleMs: 30, ...settings }); // prettier-ignore
  await host.serve();
  return {
    host,
    linux,
    directory,
    socketPath,
    async connect(options = {}) {
      const connection = await Connection.open(100, socketPath, options);
      await connection.loadProducer(fakeProducer);
      return connection;
    },
    async [Symbol.asyncDispose]() {
      await host.end('agent-ends');
      await host.ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** What a listen hears. */
export function collect(listening: TargetListening): {
  readonly events: EventItem[];
  readonly losses: LossItem[];
  readonly numbers: () => number[];
} {
  const events: EventItem[] = [];
  const losses: LossItem[] = [];
  listening.items$.subscribe({
    next: (item) => void (item.kind === 'event' ? events.push(item) : losses.push(item)),
    error: () => undefined,
  });
  return { events, losses, numbers: () => events.map(({ payload }) => Number(payload['n'])) };
}

/** Waits for what must come to be. */
export async function until(what: string, isSo: () => unknown, limitMs = 20_000): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await delay(5);
  }
}
