import assert from 'node:assert/strict';
import type { Arming } from './arms.ts';
import type { EventType } from './event-type.ts';
import type { Listening, PostedEvent } from './listen.ts';
import type { Producer } from './producer.ts';
import type { EventTypeOptions } from './register-options.ts';
import { Registry } from './registry.ts';
import type { EventTypeDescriptor, Fields, RequestParameters, RequestValues } from './types.ts';

export type Heard = Pick<PostedEvent, 'name' | 'payload'>;

/** A registry of its own, in which a producer runs whose sources are switched twice each time. */
export class TestBed<Host> implements Disposable {
  readonly registry: Registry = new DoublingRegistry({ tid: 0, threadId: 0 }, 'contract');
  /** What was armed and disarmed, in order. */
  readonly armings: Heard[] = [];
  readonly #producer: Producer<Host>;
  readonly #host: Host;
  readonly #own: number;
  readonly #running: Disposable[] = [];

  constructor(producer: Producer<Host>, host: Host) {
    this.#producer = producer;
    this.#host = host;
    this.#own = this.registry.describeTypes().length;
    for (const name of ['registry.armed', 'registry.disarmed']) {
      this.registry.listen(name, (event) => this.armings.push(event));
    }
  }

  start(): Disposable {
    const running = this.#producer.start(this.registry, this.#host);
    this.#running.push(running);
    return running;
  }

  /** The types that the producer has registered, as their readers see them. */
  get registered(): EventTypeDescriptor[] {
    const types = this.registry.describeTypes().slice(this.#own);
    return types.map((type) => JSON.parse(JSON.stringify(type.descriptor)) as EventTypeDescriptor);
  }

  /** Listens until the source is armed; `undefined` when it refuses, which it must do with a code. */
  async listen(name: string, request: RequestValues): Promise<Listening | undefined> {
    let refusal: unknown;
    const onError = (error: unknown): void => void (refusal = error);
    let armId: number | undefined;
    const tap = (): Listening => {
      const listening = this.registry.listen(name, () => {}, { request, onError });
      const probe = this.registry.tap({
        mode: 'probe',
        pattern: name,
        request,
        onArmed: (_name, id) => void (armId = id),
        onFailure: (_name, error) => onError(error),
      });
      const unlisten = (): void => {
        this.registry.untap(probe);
        listening.unlisten();
      };
      return { ...listening, unlisten, [Symbol.dispose]: unlisten };
    };
    try {
      const listening = tap();
      while (armId === undefined && refusal === undefined) await turn();
      await this.settle();
      if (refusal === undefined) return listening;
      listening.unlisten();
    } catch (error) {
      refusal = error;
    }
    const { code, hint } = refusal as { code?: unknown; hint?: unknown };
    assert.match(String(code), /^EE_[A-Z0-9_]+$/, `${name} refuses without a code: ${String(refusal)}`); // prettier-ignore
    assert.notEqual(code, 'EE_ARM_FAILED', `${name} refuses without a code of its own: ${String(refusal)}`); // prettier-ignore
    assert.ok(typeof hint === 'string' && hint !== '', `${name} refuses without a hint`);
    return undefined;
  }

  /** Lets everything that waits for a safe point happen. */
  async settle(): Promise<void> {
    for (let i = 0; i < 3; i++) await turn();
  }

  [Symbol.dispose](): void {
    for (const running of this.#running) running[Symbol.dispose]();
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

type Switch = ((arming: Arming<never, never>) => unknown) | undefined;

/** Calls `arm` and `disarm` twice, as both must bear. */
class DoublingRegistry extends Registry {
  override registerEventType<
    const F extends Fields,
    const R extends RequestParameters = RequestParameters,
  >(options: EventTypeOptions<F, R>): EventType<F, R> {
    const arm = options.arm as Switch;
    if (arm === undefined) return super.registerEventType(options);
    const disarm = options.disarm as Switch;
    return super.registerEventType({
      ...options,
      arm: async (arming: Arming<never, never>) => {
        await arm(arming);
        await arm(arming);
      },
      disarm: (arming: Arming<never, never>) => {
        disarm?.(arming);
        disarm?.(arming);
      },
    } as unknown as EventTypeOptions<F, R>);
  }
}
