import { setTimeout as delay } from 'node:timers/promises';
import type { StopCause, StopFrame } from '@extension-events/protocol';
import type { Connection } from './connection.ts';
import type { JoinedThreads } from './joined-threads.ts';

/** What stops need of their connection. */
export interface JoinedStopsHost {
  readonly threads: JoinedThreads;
  agent(): Connection | undefined;
  host(): Connection | undefined;
  publish(frame: StopFrame): void;
}

// The agent answers when the request lies before the thread; one that does not is no reason to hold it.
const pauseMs = 1000;

/**
 * One stop out of two: a source of the host stops a JavaScript thread natively, the agent pauses it
 * where it comes to JavaScript next, and the consumer sees a single stop with the event as cause.
 */
export class JoinedStops {
  readonly #host: JoinedStopsHost;
  /** Threads that are on their way to a pause of their agent, and what for. */
  readonly #expected: Map<number, StopCause> = new Map();
  /** Threads whose sources stay off until their debugger lets them go. */
  readonly #quiet: Set<number> = new Set();

  constructor(host: JoinedStopsHost) {
    this.#host = host;
  }

  /** The agent tells of a stop, in keys and numbers of the joined connection. */
  fromAgent(frame: StopFrame): void {
    const { thread, cause } = frame;
    if (cause === undefined) {
      this.#host.publish(frame);
      if (this.#quiet.delete(thread)) void this.#letHostGo(thread, {});
      return;
    }
    const expected = this.#expected.get(thread);
    this.#expected.delete(thread);
    if (expected?.type !== 'event') return this.#host.publish(frame);
    const { event } = expected;
    const { notes = [] } = frame;
    this.#host.publish(
      cause.type === 'pause'
        ? { ...frame, cause: expected, landed: 'function', notes: [...notes, `${event} stopped the thread natively; it was let go to here, where it came to JavaScript next.`] } // prettier-ignore
        : { ...frame, notes: [...notes, `${event} was caught just before.`] },
    );
  }

  /** The host holds a JavaScript thread. */
  fromHost({ thread, cause }: StopFrame): void {
    if (cause !== undefined) void this.bringToScript(thread, cause);
  }

  async bringToScript(thread: number, cause: StopCause): Promise<void> {
    const agentKey = this.#host.threads.sideKey('agent', thread);
    const agent = this.#host.agent();
    if (agent === undefined || agentKey === undefined) return this.#letHostGo(thread, {});
    this.#expected.set(thread, cause);
    this.#quiet.add(thread);
    const pause = agent.debug('pause', { isHeld: true }, agentKey).then(
      () => true,
      () => false,
    );
    const isAsked = await Promise.race([pause, delay(pauseMs, true)]);
    if (isAsked) return this.#letHostGo(thread, { keepsQuiet: true });
    this.forget(thread);
    return this.#letHostGo(thread, {});
  }

  async #letHostGo(thread: number, params: object): Promise<void> {
    const key = this.#host.threads.sideKey('host', thread);
    // A thread, or a host, that has ended meanwhile needs nothing.
    if (key !== undefined) await this.#host.host()?.debug('continue', params, key).catch(() => undefined); // prettier-ignore
  }

  /** The thread has ended, or will not come. */
  forget(thread: number): void {
    this.#expected.delete(thread);
    this.#quiet.delete(thread);
  }
}
