import type { Registry, Support } from '@extension-events/core';
import type { LinuxHost } from '@extension-events/platform-linux';
import { hwBreakpointDescriptors, hwBreakpointHitDescriptor, producerId } from './events.ts';
import { HitSource } from './source.ts';
import type { HitArming, HwBreakpointProducer } from './types.ts';

/**
 * Creates the producer of `hw-breakpoint.hit` for any Linux process.
 *
 * Creating it does nothing; `start` registers the type; a debug register is taken for each listen
 * with parameters of its own, on each thread that it watches, until it ends.
 */
export function createHwBreakpointProducer(): HwBreakpointProducer {
  return {
    id: producerId,
    description: 'Posts when a thread touches watched memory or reaches an address.',
    placement: 'host',
    eventTypes: hwBreakpointDescriptors,
    isSupported,
    start,
  };
}

function isSupported(): Support {
  const { platform, arch } = process;
  if (platform === 'linux' && arch === 'x64') return { ok: true };
  return {
    ok: false,
    code: 'EE_HW_BREAKPOINT_UNSUPPORTED',
    reason: `Debug registers are used through perf_event_open(2) of Linux on x64; this is ${platform} on ${arch}.`,
    hint: 'Run it on an x86-64 Linux, where the watched process is.',
  };
}

function start(registry: Registry, host: LinuxHost): Disposable {
  const source = new HitSource(host);
  const type = registry.registerEventType({
    ...hwBreakpointHitDescriptor,
    separatesStops: true,
    arm: (arming) => source.arm(arming as unknown as HitArming),
    disarm: (arming) => source.disarm(arming),
  });
  return {
    [Symbol.dispose]: () => {
      type.unregister();
      source[Symbol.dispose]();
    },
  };
}
