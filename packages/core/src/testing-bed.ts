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
  async listen(name: string, request: RequestValues): Promise<Pick<Listening, 'unlisten'> | undefined> {
    const outcome: { armId?: number; refusal?: unknown } = {};
    const onFailure = (_name: string, error: unknown): void => void (outcome.refusal = error);
    const tap = this.registry.tap({
      mode: 'probe',
      pattern: name,
      request,
      onArmed: (_name, armId) => void (outcome.armId = armId),
      onFailure,
    });
    const unlisten = (): void => this.registry.untap(tap);
    while (outcome.armId === undefined && outcome.refusal === undefined) await turn();
    await this.settle();
    if (outcome.refusal === undefined) return { unlisten };
    unlisten();
    checkRefusal(name, outcome.refusal);
    return undefined;
  } // prettier-ignore

  /** Lets everything that waits for a safe point happen. */
  async settle(): Promise<void> {
    for (let i = 0; i < 3; i++) await turn();
  }

  [Symbol.dispose](): void {
    for (const running of this.#running) running[Symbol.dispose]();
  }
}

function checkRefusal(name: string, refusal: unknown): void {
  const { code, hint } = refusal as { code?: unknown; hint?: unknown };
  const what = `${name} refuses without a code of its own: ${String(refusal)}`;
  assert.match(String(code), /^EE_[A-Z0-9_]+$/, what);
  assert.notEqual(code, 'EE_ARM_FAILED', what);
  assert.ok(typeof hint === 'string' && hint !== '', `${name} refuses without a hint`);
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
