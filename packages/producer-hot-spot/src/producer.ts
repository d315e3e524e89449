import { ExtensionEventError } from '@extension-events/core';
import type { Arming } from '@extension-events/core';
import type { V8Host, V8Thread } from '@extension-events/platform-v8';
import {
  hotSpotCandidateDescriptor,
  hotSpotDescriptor,
  hotSpotDescriptors,
  hotSpotSampleDescriptor,
  producerId,
} from './events.ts';
import { PayloadWriter } from './payload.ts';
import { HotSpotSource } from './source.ts';
import type { Watch } from './thread-judge.ts';
import type { HotSpotProducer, HotSpotRegistry, Support } from './types.ts';
import { CandidateWatch, HotSpotWatch, SampleWatch } from './watches.ts';

/**
 * Creates the producer of `hot-spot`, `hot-spot.candidate` and `hot-spot.sample` for JavaScript threads.
 *
 * Creating it does nothing; `start` registers the types; sampling runs while somebody listens, on threads that use
 * at least a tenth of a core. All armings of a thread share one profile.
 */
export function createHotSpotProducer(): HotSpotProducer {
  return {
    id: producerId,
    description: 'Finds where the JavaScript threads of a process spend their time.',
    placement: 'agent',
    eventTypes: hotSpotDescriptors,
    isSupported,
    start,
  };
}

function isSupported(): Support {
  if (process.features.inspector) return { ok: true };
  return {
    ok: false,
    code: 'EE_HOT_SPOT_UNSUPPORTED',
    reason: `Node ${process.version} of this process was built without an inspector, through which V8 samples.`,
    hint: 'Use an official build of Node, or one configured without --without-inspector.',
  };
}

function start(registry: HotSpotRegistry, host: V8Host): Disposable {
  const source = new HotSpotSource(host);
  const writer = new PayloadWriter(source.texts);
  const watching = new Map<number, Disposable>();
  const arm = (
    arming: Pick<Arming, 'armId' | 'subject' | 'request'>,
    make: (thread: V8Thread) => Watch,
  ): void => {
    if (watching.has(arming.armId)) return;
    const { subject } = arming;
    checkRequest(arming.request);
    if (subject !== undefined && !source.has(subject)) throw noThread(subject.tid);
    watching.set(arming.armId, source.watch(subject, make));
  };
  const disarm = ({ armId }: Pick<Arming, 'armId'>): void => {
    watching.get(armId)?.[Symbol.dispose]();
    watching.delete(armId);
  };
  const types = [
    registry.registerEventType({
      ...hotSpotDescriptor,
      arm: (arming) => arm(arming, () => new HotSpotWatch(arming, writer)),
      disarm,
    }),
    registry.registerEventType({
      ...hotSpotCandidateDescriptor,
      arm: (arming) => arm(arming, () => new CandidateWatch(arming, writer)),
      disarm,
    }),
    registry.registerEventType({
      ...hotSpotSampleDescriptor,
      arm: (arming) => arm(arming, (thread) => new SampleWatch(arming, writer, thread)),
      disarm,
    }),
  ];
  return {
    [Symbol.dispose]: () => {
      for (const type of types) type.unregister();
      for (const each of watching.values()) each[Symbol.dispose]();
      watching.clear();
      source[Symbol.dispose]();
    },
  };
}

function checkRequest({ by, scope }: Arming['request']): void {
  const problem =
    by === 'pc'
      ? 'by=pc counts single instructions, of which a JavaScript profile tells nothing'
      : `scope=${scope} counts threads together, and each JavaScript thread has a profile of its own`;
  if (by !== 'pc' && (scope === undefined || scope === 'thread')) return;
  throw new ExtensionEventError(
    'EE_HOT_SPOT_NATIVE_ONLY',
    `V8 cannot do it: ${problem}.`,
    'Samples by perf can, on Linux; or leave the parameter out.',
  );
}

function noThread(tid: number): ExtensionEventError {
  return new ExtensionEventError(
    'EE_HOT_SPOT_NO_THREAD',
    `Thread ${tid} is not a JavaScript thread of this process.`,
    'Listen without a thread to watch all of them, or choose one that extev ls shows.',
  );
}
