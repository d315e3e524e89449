import type { Registry, RunningProducer, Support } from '@extension-events/core';
import type { LinuxHost } from '@extension-events/platform-linux';
import {
  branchBufferFullDescriptor,
  breakpointDescriptors,
  breakpointHitDescriptor,
  producerId,
  stepBlockDescriptor,
  stepDescriptor,
} from '../events.ts';
import type { NativeBreakpointProducer } from '../types.ts';
import { refuseBranchBuffer } from './branch-buffer.ts';
import { HitSource, type NativeHitArming } from './hit-source.ts';
import { type LoadTracer, type StepArming, StepSource } from './step-source.ts';
import { loadTracer } from './tracer.ts';

/** What tests replace. */
export interface NativeBreakpointOptions {
  readonly loadTracer?: LoadTracer;
}

/**
 * Creates the producer of `breakpoint.hit`, `step`, `step.block` and `branch-buffer.full` for native threads.
 *
 * Creating it does nothing; `start` registers the types; the kernel is asked when somebody listens.
 */
export function createNativeBreakpointProducer(
  options: NativeBreakpointOptions = {},
): NativeBreakpointProducer {
  return {
    id: producerId,
    description: 'Tells when native code passes a line, a symbol or an address, and steps threads.',
    placement: 'host',
    eventTypes: breakpointDescriptors,
    isSupported,
    start: (registry, host) => start(registry, host, options.loadTracer ?? loadTracer),
  };
}

function isSupported(): Support {
  const { arch, platform } = process;
  if (platform === 'linux' && arch === 'x64') return { ok: true };
  return {
    ok: false,
    code: 'EE_BREAKPOINT_UNSUPPORTED',
    reason: `Native code is watched through perf_event_open(2) and ptrace(2) of Linux on x64; this is ${platform} on ${arch}.`,
    hint: 'Run it on an x86-64 Linux, where the watched process is.',
  };
}

function start(registry: Registry, host: LinuxHost, load: LoadTracer): RunningProducer {
  const hits = new HitSource(host);
  const steps = [stepDescriptor, stepBlockDescriptor].map((descriptor) => ({
    descriptor,
    source: new StepSource(host, descriptor.name, load),
  }));
  const types = [
    registry.registerEventType({
      ...breakpointHitDescriptor,
      separatesStops: true,
      arm: (arming) => hits.arm(arming as unknown as NativeHitArming),
      disarm: (arming) => hits.disarm(arming),
    }),
    ...steps.map(({ descriptor, source }) =>
      registry.registerEventType({
        ...descriptor,
        arm: (arming) => source.arm(arming as unknown as StepArming),
        disarm: (arming) => source.disarm(arming),
      }),
    ),
    registry.registerEventType({
      ...branchBufferFullDescriptor,
      arm: ({ request }) => {
        throw refuseBranchBuffer(String(request['buffer']));
      },
    }),
  ];
  return {
    [Symbol.dispose]: () => {
      for (const type of types) type.unregister();
      hits[Symbol.dispose]();
      for (const { source } of steps) source[Symbol.dispose]();
    },
  };
}
