import { ExtensionEventError, type Registry } from '@extension-events/core';
import { evaluateSnippet, type V8Host, type V8Thread } from '@extension-events/platform-v8';
import { channelRefusedDescriptor, producerId } from './events.ts';
import { findChannels } from './find-channels.ts';
import { scheme } from './names.ts';
import { catalogue } from './producer.ts';
import type { Refusal } from './thread-side.ts';
import type { ChannelFinder, RunningFinder } from './types.ts';

const side = `globalThis[Symbol.for('extension-events.producer.diagnostics-channel.v1')]`;
// A thread that is just being born gets its own part soon; one that never does is left alone.
const patienceMs = 10_000;
const lookMs = 50;

/**
 * Creates what stands beside the threads of a process and tells the producer inside each of them of the
 * channels that were there before it.
 *
 * Creating it does nothing. A started one registers what the producer in a thread does, so that the name is
 * there; channels are registered in their threads. A search runs by interrupt, in a few
 * milliseconds, also in a thread that spins.
 */
export function createChannelFinder(): ChannelFinder {
  return {
    id: producerId,
    description: 'Finds the diagnostics channels that threads had before they were traced.',
    placement: 'agent',
    eventTypes: [channelRefusedDescriptor],
    schemes: [scheme],
    isSupported: () => ({ ok: true }),
    catalogue,
    start: (registry, host) => new Finder(registry, host),
  };
}

class Finder implements RunningFinder {
  readonly #host: V8Host;
  readonly #threads: Disposable;
  readonly #refused: Disposable;
  /** Asked for by name: threads that come later are asked too. */
  readonly #provided: Set<string> = new Set();
  #isDiscovering = false;
  #isLive = true;

  constructor(registry: Registry, host: V8Host) {
    this.#host = host;
    this.#refused = registry.registerEventType(channelRefusedDescriptor);
    this.#threads = host.onThreads(({ added }) => {
      for (const thread of added) void this.#bring(thread).catch(() => undefined);
    });
  }

  async discover(): Promise<void> {
    this.#isDiscovering = true;
    await Promise.all(this.#host.threads.map((thread) => findIn(thread).catch(passClosed)));
  }

  /** @throws ExtensionEventError when every thread refuses: the reason of the first */
  async provide(name: string): Promise<void> {
    this.#provided.add(name);
    const answers = await Promise.all(this.#host.threads.map((thread) => provideIn(thread, [name]).catch(passClosed))); // prettier-ignore
    const present = answers.filter((answer) => answer !== undefined);
    if (present.length === 0 || present.some((refusals) => refusals.length === 0)) return;
    this.#provided.delete(name);
    const [refusal] = present.flat();
    if (refusal !== undefined) throw new ExtensionEventError(refusal.code, refusal.message, refusal.hint); // prettier-ignore
  }

  async #bring(thread: V8Thread): Promise<void> {
    const untilMs = performance.now() + patienceMs;
    while (this.#isLive && !thread.session.isClosed) {
      const isThere = (await provideIn(thread, [...this.#provided])) !== undefined;
      if (isThere && this.#isDiscovering) await findIn(thread);
      if (isThere || performance.now() > untilMs) return;
      await new Promise((resolve) => setTimeout(resolve, lookMs).unref());
    }
  }

  [Symbol.dispose](): void {
    if (!this.#isLive) return;
    this.#isLive = false;
    this.#threads[Symbol.dispose]();
    this.#refused[Symbol.dispose]();
  }
}

function findIn({ session }: V8Thread): Promise<number | undefined> {
  return findChannels(session);
}

/** What the thread refuses; `undefined`: it has no part of ours. */
async function provideIn({ session }: V8Thread, names: readonly string[]): Promise<Refusal[] | undefined> {
  const json = JSON.stringify(names);
  return await evaluateSnippet<Refusal[] | undefined>(session, 'provide-channels', `${side}?.provide(${json})`);
} // prettier-ignore

// A thread that ended meanwhile has nothing to say.
function passClosed(error: unknown): undefined {
  if ((error as { code?: unknown }).code === 'EE_V8_CLOSED') return undefined;
  throw error;
}
