import { debuggerError } from './errors.ts';
import { ptraceScope, readStatus } from './proc-tracing.ts';

/**
 * What stands in the way of attaching, as far as `/proc` shows it beforehand.
 *
 * @throws ExtensionEventError `EE_GDB_BUSY`, `EE_GDB_PERMISSION`, `EE_TARGET_LOST`
 */
export function checkAttachable(pid: number): void {
  const status = readStatus(pid);
  if (status === undefined || status.state === 'Z' || status.state === 'X') {
    throw debuggerError(
      'EE_TARGET_LOST',
      `Process ${pid} has ended.`,
      'extev ls shows the processes that run.',
    );
  }
  if (status.tracer !== 0) throw busyError(pid, status.tracer);
  const own = process.geteuid?.() ?? 0;
  if (own !== 0 && own !== status.uid) {
    throw debuggerError(
      'EE_GDB_PERMISSION',
      `Process ${pid} belongs to user ${status.uid}, and this debugger runs as user ${own}.`,
      `Run it as that user or as root: sudo -u '#${status.uid}' extev debug ${pid}.`,
    );
  }
}

/** Puts gdb's refusal to attach into the words of its cause. */
export function explainAttachFailure(pid: number, said: string): Error {
  const status = readStatus(pid);
  if (status === undefined || /No such process/i.test(said)) {
    return debuggerError(
      'EE_TARGET_LOST',
      `Process ${pid} ended before gdb could attach.`,
      'extev ls shows the processes that run.',
    );
  }
  if (status.tracer !== 0) return busyError(pid, status.tracer);
  if (/not permitted|permission|EPERM/i.test(said)) {
    const scope = ptraceScope();
    return debuggerError(
      'EE_GDB_PERMISSION',
      `The kernel does not let gdb trace process ${pid}: ${said}`,
      scope > 0
        ? `kernel.yama.ptrace_scope is ${scope}, so that only ${scope === 1 ? 'parents' : 'administrators'} trace: sysctl kernel.yama.ptrace_scope=0, or run as root.`
        : 'Run as root, or give gdb CAP_SYS_PTRACE; a container needs --cap-add=SYS_PTRACE.',
    );
  }
  return debuggerError(
    'EE_GDB_COMMAND',
    `gdb could not attach to process ${pid}: ${said}`,
    'gdb -p PID by hand may say more.',
  );
}

function busyError(pid: number, tracer: number): Error {
  const name = readStatus(tracer)?.name ?? 'a process';
  return debuggerError(
    'EE_GDB_BUSY',
    `Process ${pid} is traced by ${name} (pid ${tracer}) already, and the kernel allows one tracer.`,
    'Detach that one first. Events can be listened to meanwhile: only stopping needs the tracer.',
  );
}
