import type { Arming, Registry, RunningProducer } from '@extension-events/core';
import { exceptionThrownDescriptor, gcPauseDescriptor, producerId, promiseRejectedDescriptor, threadDescriptors, timerLateDescriptor } from '../events.ts'; // prettier-ignore
import type { ThreadRuntimeProducer } from '../types.ts';
import { EmitTap } from './emit-tap.ts';
import { watchRejections, watchUncaught } from './failures.ts';
import { watchGc } from './gc.ts';
import { LateTimers } from './late-timers.ts';

/**
 * Creates the part of the producer that runs inside each thread: `gc.pause`, `promise.rejected`,
 * `exception.thrown` for uncaught ones, and `timer.late`.
 *
 * Starting it registers the types. Observers, hooks and the replaced `process.emit` are there only
 * while somebody listens.
 */
export function createThreadRuntimeProducer(): ThreadRuntimeProducer {
  return {
    id: producerId,
    description: 'Tells what the runtime of a thread does: collections, failures, late timers.',
    placement: 'thread',
    eventTypes: threadDescriptors,
    isSupported: () => ({ ok: true }),
    start,
  };
}

function start(registry: Registry): RunningProducer {
  const tap = new EmitTap();
  let timers: LateTimers | undefined;
  const gc = new Switches((arming) => watchGc(arming as never, arming.subject ?? registry.subject));
  const rejections = new Switches((arming) => watchRejections(tap, arming as never));
  // Catchpoints are the other part's: it stops the thread where the exception is thrown.
  const uncaught = new Switches((arming) => arming.isStop ? undefined : watchUncaught(tap, arming as never)); // prettier-ignore
  const late = new Switches((arming) => (timers ??= new LateTimers()).add(arming as never));
  const types = [
    registry.registerEventType({ ...gcPauseDescriptor, ...gc.source, displaced }),
    registry.registerEventType({ ...promiseRejectedDescriptor, ...rejections.source, displaced }),
    registry.registerEventType({ ...exceptionThrownDescriptor, ...uncaught.source, separatesStops: true, displaced }), // prettier-ignore
    registry.registerEventType({ ...timerLateDescriptor, ...late.source, displaced }),
  ];
  return {
    [Symbol.dispose]: () => {
      for (const type of types) type.unregister();
    },
  };
}

// A program that has such events posts them itself.
function displaced(): void {}

type AnyArming = Pick<Arming, 'armId' | 'isStop' | 'post' | 'request' | 'subject'>;

/** What is switched on for each arming, once. */
class Switches {
  readonly #on: Map<number, Disposable | undefined> = new Map();
  readonly source: { arm: (arming: AnyArming) => void; disarm: (arming: Pick<Arming, 'armId'>) => void }; // prettier-ignore

  constructor(watch: (arming: AnyArming) => Disposable | undefined) {
    this.source = {
      arm: (arming) => {
        if (!this.#on.has(arming.armId)) this.#on.set(arming.armId, watch(arming));
      },
      disarm: ({ armId }) => {
        this.#on.get(armId)?.[Symbol.dispose]();
        this.#on.delete(armId);
      },
    };
  }
}
