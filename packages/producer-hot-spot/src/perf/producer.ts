import { ExtensionEventError } from '@extension-events/core';
import type { Arming, Producer, Registry, RunningProducer, Support } from '@extension-events/core';
import type { LinuxHost } from '@extension-events/platform-linux';
import { hotSpotCandidateDescriptor, hotSpotDescriptor, hotSpotDescriptors, hotSpotSampleDescriptor, producerId } from '../events.ts'; // prettier-ignore
import { AddressBook } from './address-book.ts';
import type { OpenSymbols } from './address-book.ts';
import { NativeWatch } from './native-watch.ts';
import { NativeSampleWatch } from './sample-watch.ts';

/** How symbols of other processes are had, for watching the whole system. */
export type LoadSymbols = () => Promise<OpenSymbols>;

/**
 * Creates the producer of `hot-spot`, `hot-spot.candidate` and `hot-spot.sample` for any thread of a Linux process.
 *
 * Creating it does nothing; `start` registers the types; each arming samples CPU time at its own frequency. A thread that sleeps makes no samples.
 */
export function createNativeHotSpotProducer(loadSymbols: LoadSymbols): Producer<LinuxHost> {
  return {
    id: producerId,
    description: 'Finds where the threads of any Linux process spend their time.',
    placement: 'host',
    eventTypes: hotSpotDescriptors,
    isSupported,
    start: (registry, host) => start(registry, host, loadSymbols),
  };
}

function isSupported(): Support {
  const { platform, arch } = process;
  if (platform === 'linux' && (arch === 'x64' || arch === 'arm64')) return { ok: true };
  return {
    ok: false,
    code: 'EE_HOT_SPOT_UNSUPPORTED',
    reason: `Threads are sampled by perf_event_open(2) of Linux on x64 or arm64; this is ${platform} on ${arch}.`,
    hint: 'Run it on Linux, where the watched process is.',
  };
}

function start(registry: Registry, host: LinuxHost, loadSymbols: LoadSymbols): RunningProducer {
  let openSymbols: OpenSymbols | undefined;
  const book = new AddressBook(host.pid, host.symbols, (pid) => {
    if (openSymbols === undefined) throw new TypeError('symbols of other processes are not loaded');
    return openSymbols(pid);
  });
  const watching = new Map<number, Disposable>();
  const armed = (arming: Arming, make: () => Disposable): void | Promise<void> => {
    if (watching.has(arming.armId)) return undefined;
    checkScope(arming);
    if (arming.request['scope'] === 'system' && openSymbols === undefined) {
      return loadSymbols().then((loaded) => {
        openSymbols ??= loaded;
        return armed(arming, make);
      });
    }
    watching.set(arming.armId, make());
    return undefined;
  };
  const disarm = ({ armId }: Pick<Arming, 'armId'>): void => {
    watching.get(armId)?.[Symbol.dispose]();
    watching.delete(armId);
  };
  const switches = { separatesStops: true, disarm } as const;
  const types = [
    registry.registerEventType({
      ...hotSpotDescriptor,
      ...switches,
      arm: (arming) => armed(arming, () => new NativeWatch(host, book, arming, 'hot')),
    }),
    registry.registerEventType({
      ...hotSpotCandidateDescriptor,
      ...switches,
      arm: (arming) => armed(arming, () => new NativeWatch(host, book, arming, 'candidate')),
    }),
    registry.registerEventType({
      ...hotSpotSampleDescriptor,
      ...switches,
      arm: (arming) => armed(arming, () => new NativeSampleWatch(host, book, arming)),
    }),
  ];
  return {
    [Symbol.dispose]: () => {
      for (const type of types) type.unregister();
      for (const each of watching.values()) each[Symbol.dispose]();
      watching.clear();
      book[Symbol.dispose]();
    },
  };
}

function checkScope({ request, subject, isStop }: Arming): void {
  const scope = String(request['scope']);
  if (scope === 'thread') return;
  if (subject !== undefined) {
    throw new ExtensionEventError(
      'EE_HOT_SPOT_SCOPE',
      `scope=${scope} counts many threads together, and the listener chose thread ${subject.tid} alone.`,
      'Listen without a thread, or with scope=thread.',
    );
  }
  if (scope !== 'system' || !isStop) return;
  throw new ExtensionEventError(
    'EE_HOT_SPOT_SCOPE',
    'scope=system finds threads of other processes, which cannot be stopped from here.',
    'Catch it with scope=process or scope=thread, or listen to it.',
  );
}
