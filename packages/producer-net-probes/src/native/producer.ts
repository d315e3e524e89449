import type { EventTypeDescriptor, Producer, Registry, RunningProducer, Support } from '@extension-events/core'; // prettier-ignore
import type { LinuxHost } from '@extension-events/platform-linux';
import { openTracepoints, type Tracepoints, type TracepointsOptions, whyNoTracepoints } from '@extension-events/platform-linux/tracefs'; // prettier-ignore
import { producerId } from '../events.ts';
import { KernelEar } from './kernel-ear.ts';
import { narrowsBy, nativeDescriptors } from './sources.ts';

/** For tests and unusual systems. */
export interface NativeNetOptions {
  /** Where tracefs and the exported tracepoints are. */
  readonly tracepoints?: TracepointsOptions;
}

/**
 * Creates the producer of `net.*` for threads of any Linux process that no agent speaks for.
 *
 * Creating it does nothing; `start` registers the types; the kernel's events are opened while somebody listens.
 */
export function createNativeNetProducer({ tracepoints }: NativeNetOptions = {}): Producer<LinuxHost> { // prettier-ignore
  return {
    id: producerId,
    description: 'Tells what the threads of any Linux process send, receive, connect, accept and close.',
    placement: 'host',
    eventTypes: nativeDescriptors,
    isSupported: () => isSupported(tracepoints),
    start: (registry, host) => start(registry, host, tracepoints),
  };
} // prettier-ignore

function isSupported(tracepoints: TracepointsOptions | undefined): Support {
  const { platform, arch } = process;
  if (platform !== 'linux' || (arch !== 'x64' && arch !== 'arm64')) {
    return { ok: false, code: 'EE_NET_PROBES_UNSUPPORTED', reason: `The kernel is asked through perf_event_open(2) of Linux on x64 or arm64; this is ${platform} on ${arch}.`, hint: 'Run it on Linux, where the watched process is.' }; // prettier-ignore
  }
  const refusal = whyNoTracepoints(tracepoints);
  if (refusal === undefined) return { ok: true };
  return { ok: false, code: refusal.code, reason: refusal.message, hint: refusal.hint };
}

function start(
  registry: Registry,
  host: LinuxHost,
  options: TracepointsOptions | undefined,
): RunningProducer {
  let opening: Promise<Tracepoints> | undefined;
  let ear: KernelEar | undefined;
  let isOver = false;
  const open = async (): Promise<KernelEar> => {
    opening ??= openTracepoints(options);
    const pending = opening;
    try {
      const tracepoints = await pending;
      // Several types are armed at once, for a wildcard: one of them makes it.
      ear ??= new KernelEar(host, tracepoints);
      return ear;
    } catch (error) {
      // Root may make them readable while we run.
      if (opening === pending) opening = undefined;
      throw error;
    }
  };
  const register = (descriptor: EventTypeDescriptor): { unregister(): void } =>
    registry.registerEventType({
      ...descriptor,
      separatesStops: true,
      narrowsBy: narrowsBy(descriptor.name),
      arm: async (arming) => {
        const opened = await open();
        if (!isOver) opened.arm(descriptor.name, arming);
      },
      disarm: ({ armId }) => ear?.disarm(armId),
    });
  const types = nativeDescriptors.map(register);
  return {
    [Symbol.dispose]() {
      isOver = true;
      for (const type of types) type.unregister();
      ear?.[Symbol.dispose]();
      void opening?.then((each) => each[Symbol.dispose]()).catch(() => undefined);
    },
  };
}
