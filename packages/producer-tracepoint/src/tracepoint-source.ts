import { ExtensionEventError } from '@extension-events/core';
import type { LinuxHost, PerfArming } from '@extension-events/platform-linux';
import type { Tracepoint } from '@extension-events/platform-linux/tracefs';
import { isHeardWithoutKernel } from './events.ts';
import { openProbe } from './open-probe.ts';
import { explainRefusal } from './permission.ts';
import type { ProbeArming } from './types.ts';

/**
 * Opens a tracepoint for an arming.
 *
 * @throws ExtensionEventError `EE_TRACEPOINT_KERNEL`, `EE_TRACEPOINT_PERMISSION`, `EE_PERF_FILTER` and others of `platform-linux`
 */
export function openTracepoint(
  host: LinuxHost,
  arming: ProbeArming,
  tracepoint: Tracepoint,
): PerfArming {
  const { filter, kernel = true } = arming.request;
  const { id, name, system, decode } = tracepoint;
  if (!kernel && !isHeardWithoutKernel(system)) {
    throw new ExtensionEventError(
      'EE_TRACEPOINT_KERNEL',
      `tracepoint:${name} happens in the kernel: with kernel=false nothing would ever be heard of it.`,
      'Leave kernel=false out; without privileges only tracepoint:syscalls:* can be heard.',
    );
  }
  try {
    return openProbe(host, arming, {
      event: { type: 'tracepoint', id },
      includesKernel: kernel,
      raw: true,
      ...(filter !== undefined && filter !== '' && { filter }),
      read: (sample) => decode(sample.raw()),
    });
  } catch (error) {
    throw explainRefusal(error, `tracepoint:${name}`);
  }
}
