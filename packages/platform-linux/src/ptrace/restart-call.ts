import type { Ptrace } from './ptrace.ts';

// arch/x86/entry/syscalls/syscall_64.tbl: those whose fourth argument is a timeout in ms.
const epollCalls = new Set([232n, 281n]);
const eintr = 4n;
const restartNoHand = 514n;

/**
 * Of a thread that stopped for an interruption of ours, or for a signal that it will not take: makes epoll_wait(2) without a timeout wait on rather than end with
 * EINTR, which it does at every stop (signal(7), "Interruption of system calls"). The result that the kernel finds
 * makes it restart the call unless a handler of the program is to run. With a timeout the call is
 * left to its EINTR: restarted it would wait for the whole time anew.
 */
export function hideInterruption(ptrace: Ptrace, tid: number): void {
  if (process.arch !== 'x64') return;
  const registers = ptrace.registers(tid);
  const { orig_rax: call = 0n, rax = 0n, r10 = 0n } = registers;
  const isForEver = BigInt.asIntN(32, r10) === -1n;
  if (!epollCalls.has(call) || BigInt.asIntN(64, rax) !== -eintr || !isForEver) return;
  ptrace.setRegisters(tid, { ...registers, rax: BigInt.asUintN(64, -restartNoHand) });
}
