/** For tests: the probes, running in this thread, and what they post. */
import { once } from 'node:events';
import net from 'node:net';
import type { AnyPayload, PostedEvent, Registry } from '@extension-events/core';
import { getRegistry } from '@extension-events/core';
import { createNetProbesProducer } from './producer.ts';

export class Hearing implements Disposable {
  readonly registry: Registry = getRegistry();
  readonly events: PostedEvent[] = [];
  readonly #running: Disposable = createNetProbesProducer().start(this.registry, undefined);
  readonly #ends: (() => void)[] = [];

  constructor(...patterns: string[]) {
    for (const pattern of patterns) this.hear(pattern);
  }

  /** Taps in the post itself, so that what was posted can be read in the next statement. */
  hear(pattern: string): void {
    const run = (event: PostedEvent): void => void this.events.push(event);
    const tap = this.registry.tap({ mode: 'probe', pattern, run });
    this.#ends.push(() => this.registry.untap(tap));
  }

  /** The payloads of one event so far. */
  of(name: string): AnyPayload[] {
    return this.events.filter((event) => event.name === name).map(({ payload }) => payload);
  }

  /** One field of them. */
  values(name: string, field: string): unknown[] {
    return this.of(name).map((payload) => payload[field]);
  }

  dispose(): void {
    this.#running[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    for (const end of this.#ends) end();
    this.dispose();
  }
}

/** Waits for a condition, turn by turn. */
export async function until(isDone: () => boolean, what = 'the condition'): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!isDone()) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => void setTimeout(resolve, 1));
  }
}

/** Has a server listen on loopback, and tells its port. */
export async function listenOn(server: net.Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as net.AddressInfo).port;
}

export async function closeServer(server: net.Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
