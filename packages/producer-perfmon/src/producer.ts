import { type Arming, type Choice, type Registry, type Support } from '@extension-events/core';
import type { LinuxHost } from '@extension-events/platform-linux';
import { perfmonDescriptors, perfmonOverflow, perfmonOverflowDescriptor, perfmonThresholdDescriptor, producerId } from './events.ts'; // prettier-ignore
import { armOverflow } from './overflow.ts';
import { ThresholdWatch } from './threshold.ts';
import type { OverflowArming, PerfmonProducer, ThresholdArming } from './types.ts';

/**
 * Creates the producer of `perfmon.overflow` and `perfmon.threshold` for any Linux process.
 *
 * Creating it does nothing; `start` registers the types; counters are opened and files are read
 * while somebody listens. Each arming has a counter of its own, so that each counts truly.
 */
export function createPerfmonProducer(): PerfmonProducer {
  return {
    id: producerId,
    description: 'Posts when performance counters overflow or resources of a process pass a limit.',
    placement: 'host',
    eventTypes: perfmonDescriptors,
    isSupported,
    choices,
    start,
  };
}

async function choices(event: string, parameter: string): Promise<readonly Choice[]> {
  if (event !== perfmonOverflow || parameter !== 'counter') return [];
  const { listCounters } = await import('./list-counters.ts');
  return (await listCounters()).map((counter) => {
    const { name, defaultPeriod, unit } = counter;
    const detail = counter.ok
      ? `each ${defaultPeriod} ${unit === 'ns' ? 'ns of CPU time' : 'of them'} by default`
      : `${counter.code}${counter.substitute === undefined ? '' : `; nearest: ${counter.substitute}`}`;
    return { value: name, isPossible: counter.ok, detail };
  });
}

function isSupported(): Support {
  const { platform, arch } = process;
  if (platform === 'linux' && (arch === 'x64' || arch === 'arm64')) return { ok: true };
  return {
    ok: false,
    code: 'EE_PERFMON_UNSUPPORTED',
    reason: `Counters are read by perf_event_open(2) of Linux on x64 or arm64; this is ${platform} on ${arch}.`,
    hint: 'Run it on Linux, where the watched process is.',
  };
}

function start(registry: Registry, host: LinuxHost): Disposable {
  const armed = new Map<number, Disposable>();
  const arm = ({ armId }: Pick<Arming, 'armId'>, open: () => Disposable): void => {
    if (!armed.has(armId)) armed.set(armId, open());
  };
  const disarm = ({ armId }: Pick<Arming, 'armId'>): void => {
    armed.get(armId)?.[Symbol.dispose]();
    armed.delete(armId);
  };
  const types = [
    registry.registerEventType({
      ...perfmonOverflowDescriptor,
      separatesStops: true,
      arm: (arming) => arm(arming, () => armOverflow(host, arming as unknown as OverflowArming)),
      disarm,
    }),
    registry.registerEventType({
      ...perfmonThresholdDescriptor,
      separatesStops: true,
      arm: (arming) =>
        arm(arming, () => new ThresholdWatch(host, arming as unknown as ThresholdArming)),
      disarm,
    }),
  ];
  return {
    [Symbol.dispose]: () => {
      for (const type of types) type.unregister();
      for (const each of armed.values()) each[Symbol.dispose]();
      armed.clear();
    },
  };
}
