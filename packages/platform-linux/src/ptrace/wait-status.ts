/** Pure: what wait4(2) tells of a traced thread; ptrace(2), "Stopped tracees". */

/** Why a traced thread reports. */
export type PtraceStop =
  /** It is about to take a signal: nothing has happened yet, and what `cont` is given is what it takes. */
  | { readonly kind: 'signal'; readonly signal: number }
  /** Its process was stopped by SIGSTOP, SIGTSTP, SIGTTIN or SIGTTOU: to be answered with `listen`. */
  | { readonly kind: 'group-stop'; readonly signal: number }
  /** It was interrupted, or its process goes on after a group-stop. */
  | { readonly kind: 'interrupt' }
  /** Entry or exit of a system call. */
  | { readonly kind: 'syscall' }
  | { readonly kind: 'event'; readonly event: PtraceEvent }
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: number };

/** The PTRACE_EVENT_ stops that options ask for. */
export type PtraceEvent = 'fork' | 'vfork' | 'clone' | 'exec' | 'vfork-done' | 'exit' | 'seccomp' | 'other'; // prettier-ignore

const events: readonly PtraceEvent[] = ['other', 'fork', 'vfork', 'clone', 'exec', 'vfork-done', 'exit', 'seccomp']; // prettier-ignore
const eventStop = 128;
const sigtrap = 5;

/** Decodes a status word; total over all numbers. */
export function decodeWaitStatus(status: number): PtraceStop {
  const low = status & 0x7f;
  if (low === 0) return { kind: 'exited', code: (status >> 8) & 0xff };
  if (low !== 0x7f) return { kind: 'killed', signal: low };
  const signal = (status >> 8) & 0xff;
  const event = (status >> 16) & 0xff;
  if (event === eventStop) {
    return signal === sigtrap ? { kind: 'interrupt' } : { kind: 'group-stop', signal };
  }
  if (event !== 0) return { kind: 'event', event: events[event] ?? 'other' };
  return signal === (sigtrap | 0x80) ? { kind: 'syscall' } : { kind: 'signal', signal };
}
