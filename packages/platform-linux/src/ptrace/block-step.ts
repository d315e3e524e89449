import { spawnSync } from 'node:child_process';
import { ExtensionEventError } from '@extension-events/core';
import type { Ptrace } from './ptrace.ts';

/** Does PTRACE_SINGLEBLOCK run to the next taken branch on this machine? */
export interface BlockStepCheck {
  readonly works: boolean;
  /** What was seen, as a sentence. */
  readonly seen: string;
}

// Five instructions of one byte, a jump to the next instruction, more of one byte.
const code = Uint8Array.of(0x90, 0x90, 0x90, 0x90, 0x90, 0xeb, 0x00, 0x90, 0x90, 0x90);
const afterJump = 7;

/**
 * Tries block steps on known straight-line code in a process made for it. The kernel's answer proves
 * nothing: under many hypervisors it is 0 though the thread advances by one instruction.
 *
 * Takes some milliseconds and blocks the thread. Never throws.
 */
export function hasBlockStep(ptrace: Ptrace): BlockStepCheck {
  if (process.arch !== 'x64') {
    return { works: false, seen: `Linux has no block steps on ${process.arch}.` };
  }
  const pid = startSubject();
  if (pid === undefined) return { works: false, seen: 'No process could be started to try it on.' };
  try {
    return judge(advance(ptrace, pid));
  } catch (error) {
    const why = error instanceof ExtensionEventError ? error.message : String(error);
    return { works: false, seen: `It could not be tried: ${why}` };
  } finally {
    end(ptrace, pid);
  }
}

// The shell ends first, so that the subject is no child of ours: libuv would take its stops.
function startSubject(): number | undefined {
  const script = 'sleep 60 </dev/null >/dev/null 2>&1 & echo $!';
  const { stdout } = spawnSync('/bin/sh', ['-c', script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }); // prettier-ignore
  const pid = Number(stdout);
  return Number.isInteger(pid) && pid > 1 ? pid : undefined;
}

/** By how many bytes one block step advances in the code. */
function advance(ptrace: Ptrace, pid: number): number {
  ptrace.seize(pid);
  ptrace.interrupt(pid);
  ptrace.waitFor(pid, true);
  const before = ptrace.registers(pid);
  const at = before['rip'] ?? 0n;
  ptrace.writeMemory(pid, at, code);
  // No system call to restart: that would move the instruction pointer back.
  ptrace.setRegisters(pid, { ...before, orig_rax: 0xffff_ffff_ffff_ffffn });
  ptrace.blockStep(pid);
  ptrace.waitFor(pid, true);
  return Number((ptrace.registers(pid)['rip'] ?? 0n) - at);
}

function judge(advancedBytes: number): BlockStepCheck {
  if (advancedBytes === afterJump)
    return { works: true, seen: 'A block step ran to behind the taken branch.' };
  return {
    works: false,
    seen:
      advancedBytes === 1
        ? 'A block step advanced by one instruction: the processor, or its hypervisor, ignores the branch-trap flag.'
        : `A block step advanced by ${advancedBytes} bytes instead of ${afterJump}.`,
  };
}

// Its tracer hears of its death first: unheard it would stay a zombie.
function end(ptrace: Ptrace, pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
    let stop = ptrace.waitFor(pid, true);
    while (stop?.kind !== 'killed' && stop?.kind !== 'exited') stop = ptrace.waitFor(pid, true);
  } catch {
    // it has ended, or was never ours
  }
}
