/** Opens a counter, or says why it cannot be had in terms of counters. */
import { arch } from 'node:process';
import { ExtensionEventError } from '@extension-events/core';
import type { PerfArming, PerfRequest, PerfSession } from '@extension-events/platform-linux';
import { type Counter, getCounter } from './counters.ts';

// Raised by perf_sw_event() of these architectures' trap handlers alone; elsewhere opening them
// succeeds and they count nothing for ever.
const raisedOn: Readonly<Record<string, readonly string[]>> = {
  'alignment-faults': ['arm', 'mips', 'mipsel', 'ppc64'],
  'emulation-faults': ['arm64', 'mips', 'mipsel', 'ppc64'],
};

/**
 * @throws ExtensionEventError `EE_PERFMON_COUNTER_ABSENT`, `EE_PERFMON_KERNEL_NEEDED`, and what
 * {@link PerfSession.open} throws
 */
export function openCounter(
  perf: PerfSession,
  counter: Counter,
  request: Omit<PerfRequest, 'event'>,
): PerfArming {
  const where = raisedOn[counter.name];
  if (where !== undefined && !where.includes(arch)) {
    const reason = `the kernel never raises it on ${arch}`;
    throw absent(counter, reason, findSubstitute(perf, counter, request.tid));
  }
  try {
    // Where a counter is raised by the kernel alone, leaving the kernel out counts 0 in silence.
    const includesKernel = request.includesKernel === true || counter.isKernelSide;
    return perf.open({ ...request, event: counter.event, includesKernel });
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown };
    if (code === 'EE_PERF_ABSENT')
      throw absent(counter, String(message), findSubstitute(perf, counter, request.tid), error);
    if (code === 'EE_PERF_PERMISSION' && counter.isKernelSide) throw kernelNeeded(counter, error);
    throw error;
  }
}

/** The nearest counter that can be had where this one cannot. */
function findSubstitute(perf: PerfSession, counter: Counter, tid?: number): string | undefined {
  return counter.substitutes.find((name) => {
    const { event, defaultPeriod } = getCounter(name);
    const where = tid === undefined ? {} : { tid };
    try {
      perf.open({ event, rate: { period: defaultPeriod }, isUrgent: false, ...where, onSample: () => {} })[Symbol.dispose]();
      return true;
    } catch {
      return false;
    }
  });
} // prettier-ignore

function absent(
  { name }: Counter,
  reason: string,
  substitute: string | undefined,
  cause?: unknown,
): ExtensionEventError {
  return new ExtensionEventError(
    'EE_PERFMON_COUNTER_ABSENT',
    `The counter ${name} is absent here: ${reason.replace(/\.$/, '')}.`,
    substitute === undefined
      ? 'Nothing comes near to it here; extev events -l lists the counters of this machine.'
      : `Use counter=${substitute}, the nearest that can be had here.`,
    { cause },
  );
}

const pollable: Readonly<Record<string, string>> = {
  'context-switches': 'voluntary-switches or involuntary-switches',
};

function kernelNeeded({ name }: Counter, cause: unknown): ExtensionEventError {
  const { message } = cause as Error;
  const resource = pollable[name];
  return new ExtensionEventError(
    'EE_PERFMON_KERNEL_NEEDED',
    `${name} happens in the kernel, and counting there was refused: ${message}`,
    `Run as root, give Node CAP_PERFMON, or set kernel.perf_event_paranoid to 1 or lower.${
      resource === undefined ? '' : ` Without that: perfmon.threshold with resource=${resource}.`
    }`,
    { cause },
  );
}
