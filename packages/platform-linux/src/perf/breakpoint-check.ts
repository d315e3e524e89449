import { perfIoctl } from './constants.ts';
import { toEventAttr } from './event-spec.ts';
import type { PerfOpener } from './opener.ts';

const opened = new WeakMap<PerfOpener['native'], boolean>();

/**
 * Does this machine take breakpoints and never report one? Some hypervisors let a guest set its debug
 * registers and do not raise their trap (seen: an AMD EPYC under Firecracker, where the hardware
 * watchpoints of gdb are as silent). Tried once, on a word of this thread's own.
 */
export function areBreakpointsSilent(opener: PerfOpener): boolean {
  const { native } = opener;
  const known = opened.get(native) ?? isSilent(opener);
  opened.set(native, known);
  return known;
}

function isSilent(opener: PerfOpener): boolean {
  const { native } = opener;
  const word = new BigInt64Array(1);
  const event = toEventAttr({ type: 'breakpoint', access: 'write', address: native.addressOf(word), lengthBytes: 8 }); // prettier-ignore
  if (event === undefined) return false;
  const flags = ['disabled', 'excludeKernel', 'excludeHypervisor'] as const;
  const fd = opener.open({ ...event, readFormat: opener.readFormat, flags }, 0, -1);
  if (fd < 0) return false; // a refusal is said by whoever opens one
  native.ioctl(fd, perfIoctl.enable, 0);
  Atomics.store(word, 0, 1n);
  const { value } = opener.readCount(fd);
  native.close(fd);
  return value === 0n;
}
