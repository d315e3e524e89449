/** The one file that traces threads. */
import { readFileSync } from 'node:fs';
import { ExtensionEventError } from '@extension-events/core';
import type { Ptrace } from '@extension-events/platform-linux/ptrace';
import { stepBlock } from '../events.ts';
import type { StepTracer } from './stepper.ts';

let loading: Promise<Ptrace> | undefined;
let blockStep: { works: boolean; seen: string } | undefined;

/**
 * A tracer that advances by one instruction, or to the next taken branch.
 *
 * @throws ExtensionEventError `EE_STEP_BLOCK_ABSENT`, `EE_LINUX_PLATFORM`, `EE_LINUX_NATIVE`
 */
export async function loadTracer(name: string): Promise<StepTracer> {
  const { Ptrace, hasBlockStep, hideInterruption } =
    await import('@extension-events/platform-linux/ptrace');
  loading ??= Ptrace.load();
  const ptrace = await loading;
  const isBlock = name === stepBlock;
  if (isBlock) {
    // Tried once on code of its own: the kernel's answer proves nothing.
    blockStep ??= hasBlockStep(ptrace);
    if (!blockStep.works) throw absent(blockStep.seen);
  }
  return {
    seize: (tid) => ptrace.seize(tid),
    interrupt: (tid) => ptrace.interrupt(tid),
    waitFor: (tid) => ptrace.waitFor(tid),
    pc: (tid) => {
      const registers = ptrace.registers(tid);
      return registers['rip'] ?? registers['pc'] ?? 0n;
    },
    signalCode: (tid) => ptrace.siginfo(tid).siCode,
    hideInterruption: (tid) => hideInterruption(ptrace, tid),
    hasPendingTrap,
    advance: (tid, signal) => (isBlock ? ptrace.blockStep(tid, signal) : ptrace.singleStep(tid, signal)), // prettier-ignore
    cont: (tid, signal) => ptrace.cont(tid, signal),
    detach: (tid, signal) => ptrace.detach(tid, signal),
  };
}

// proc(5), SigPnd: signals of this thread alone, bit N - 1 for signal N.
function hasPendingTrap(tid: number): boolean {
  const status = readFileSync(`/proc/${tid}/status`, 'utf8');
  const [, pending = '0'] = /^SigPnd:\s*([0-9a-f]+)/m.exec(status) ?? [];
  return (BigInt(`0x${pending}`) & 0x10n) !== 0n;
}

function absent(seen: string): ExtensionEventError {
  return new ExtensionEventError(
    'EE_STEP_BLOCK_ABSENT',
    `step.block needs the branch-trap flag (BTF) of x86 processors, which does not work here. ${seen}`,
    'Run on the machine itself rather than in a virtual one, or listen to step, which counts single instructions.',
  );
}
