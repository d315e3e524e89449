import { ExtensionEventError } from '@extension-events/core';
import type { LinuxHost, PerfArming, PerfSample } from '@extension-events/platform-linux';
import { userRegisterNames } from '@extension-events/platform-linux';
import type { CodePlace } from '@extension-events/platform-linux/symbols';
import { openProbe } from './open-probe.ts';
import type { ProbeArming } from './types.ts';

// System V AMD64 ABI, 3.2.3: where integers and pointers are passed, and where they are returned.
const x64Arguments = ['rdi', 'rsi', 'rdx', 'rcx', 'r8', 'r9'];
const positions = x64Arguments.map((name) => registerPosition(name));
const returned = registerPosition('rax');

/** Where a register is among those of a sample. On arm64 they come in the order of their numbers. */
export function registerPosition(name: string): number {
  return (userRegisterNames as readonly string[]).indexOf(name);
}

/** Opens a probe at an instruction, or at the return of the function that starts there. */
export function openUprobe(
  host: LinuxHost,
  arming: ProbeArming,
  path: string,
  place: CodePlace,
  isReturn: boolean,
): PerfArming {
  // The kernel returns through a page of its own (uprobe_trampoline), where no debugger finds the caller.
  if (isReturn && arming.isStop)
    throw new ExtensionEventError('EE_UPROBE_RETURN', `The return of a function in ${path} can be listened to, not caught: the thread would stand in a page of the kernel's.`, 'Catch the function itself with uprobe:, then finish.'); // prettier-ignore
  return openProbe(host, arming, {
    event: { type: 'uprobe', path, offset: place.fileOffset, isReturn },
    userRegisters: true,
    read: isReturn ? readReturn : readArguments,
  });
}

function readArguments(sample: PerfSample): Record<string, bigint> {
  const registers = sample.userRegisters();
  const at = process.arch === 'arm64' ? [0, 1, 2, 3, 4, 5] : positions;
  const values = at.map((position, i) => [`arg${i}`, registers[position] ?? 0n]);
  return { ...(Object.fromEntries(values) as Record<string, bigint>), pc: sample.pcBig };
}

function readReturn(sample: PerfSample): Record<string, bigint | number> {
  const ret = sample.userRegisters()[process.arch === 'arm64' ? 0 : returned] ?? 0n;
  return { ret, retInt: Number(BigInt.asIntN(32, ret)), pc: sample.pcBig };
}
