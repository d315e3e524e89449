import { setTimeout as delay } from 'node:timers/promises';
import { isExactPattern, type Registry } from '@extension-events/core';
import type { ScriptFrame } from '@extension-events/protocol';
import { type Consumer, scriptActionMissing, scriptFault, scriptUnknown, wireError } from '@extension-events/protocol/server'; // prettier-ignore
import { type RemoteThrow, ScriptInstance, type ScriptSpec, type StateUpdate } from '@extension-events/script/runtime'; // prettier-ignore

interface RunningScript {
  readonly consumer: Consumer;
  readonly number: number;
  readonly instance: ScriptInstance;
}

// A source that takes longer to be armed is not waited for.
const armMs = 10_000;

/** The sources of requested events that a script probes, while they are being armed. */
class Arming {
  readonly #settled: Promise<void>;
  #resolve: () => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  #isOpen = true;

  constructor() {
    this.#settled = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#settled.catch(() => undefined);
  }

  settleIf(isArmed: boolean): void {
    if (isArmed) this.#resolve();
  }

  /** Is somebody there who is told so? */
  refuse(error: unknown): boolean {
    const wasOpen = this.#isOpen;
    this.#reject(error);
    return wasOpen;
  }

  /** @throws what a source said against it */
  async finished(isArmed: boolean): Promise<void> {
    this.settleIf(isArmed);
    const over = new AbortController();
    const limit = delay(armMs, undefined, { signal: over.signal }).catch(() => undefined);
    try {
      await Promise.race([this.#settled, limit]);
    } finally {
      this.#isOpen = false;
      over.abort();
    }
  }
}

/** What the scripts need of their host. */
export interface ScriptsHost {
  readonly registry: Registry;
  /** Has the named type registered by whoever provides names of its scheme. */
  provide(name: string): Promise<void>;
  isConnected(consumer: Consumer): boolean;
  /** Posts what waits in the kernel's rings. */
  drain(): void;
}

/** The scripts of a host: they run where the kernel's events are posted, which is here. */
export class HostScripts {
  readonly #host: ScriptsHost;
  readonly #running: Set<RunningScript> = new Set();

  constructor(host: ScriptsHost) {
    this.#host = host;
  }

  /**
   * Serves one request about a script.
   *
   * @throws ExtensionEventError what a source said against it, `EE_SCRIPT_UNKNOWN`
   */
  async serve(consumer: Consumer, frame: ScriptFrame): Promise<Partial<ScriptFrame>> {
    const { action, data = {}, script: number = 0 } = frame;
    if (action === 'install') return this.#install(consumer, number, data);
    const script = [...this.#running].find((each) => each.consumer === consumer && each.number === number); // prettier-ignore
    if (script === undefined) throw scriptUnknown(number);
    const { instance } = script;
    switch (action) {
      case 'collect':
        this.#host.drain();
        return { shares: [instance.collect()] as never };
      case 'apply':
        instance.apply(data as unknown as StateUpdate);
        return {};
      case 'throw':
        instance.post(data as unknown as RemoteThrow);
        return {};
      case 'remove':
        this.#host.drain();
        return { shares: [this.#remove(script)] as never };
      case undefined:
      default:
        throw scriptActionMissing();
    }
  }

  async #install(
    consumer: Consumer,
    number: number,
    { patterns = [], spec }: { patterns?: readonly string[]; spec?: ScriptSpec },
  ): Promise<Partial<ScriptFrame>> {
    const { registry } = this.#host;
    for (const pattern of patterns) if (isExactPattern(pattern)) await this.#host.provide(pattern);
    if (!this.#host.isConnected(consumer)) return {};
    const tell = (news: Partial<ScriptFrame>): void => consumer.send({ kind: 'script', script: number, ...news }); // prettier-ignore
    const arming = new Arming();
    // A source may be armed at once, while the instance is still being made.
    let armed: ScriptInstance | undefined;
    const instance = new ScriptInstance(registry, spec as ScriptSpec, {
      onStopped: (error) => tell({ stopped: wireError(error, scriptFault) }),
      onExit: () => tell({ exited: true }),
      onArmed: () => arming.settleIf(armed?.isArmed ?? false),
      onRefused: (_event, error) => {
        if (!arming.refuse(error)) tell({ stopped: wireError(error, scriptFault) });
      },
    });
    armed = instance;
    const script = { consumer, number, instance };
    this.#running.add(script);
    try {
      await arming.finished(instance.isArmed);
      return {};
    } catch (error) {
      this.#remove(script);
      throw error;
    }
  }

  #remove(script: RunningScript): unknown {
    this.#running.delete(script);
    const share = script.instance.collect();
    script.instance[Symbol.dispose]();
    return share;
  }

  /** A consumer has left: its scripts end. */
  removeOf(consumer: Consumer): void {
    for (const script of this.#running) if (script.consumer === consumer) this.#remove(script);
  }

  /** The process has ended: what its scripts have gathered is handed over unasked. */
  handOver(consumer: Consumer): void {
    for (const script of this.#running)
      if (script.consumer === consumer) consumer.send({ kind: 'script', script: script.number, shares: [script.instance.collect()] as never }); // prettier-ignore
  }
}
