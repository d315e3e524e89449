/** Codes of the door `./ptrace`. They are permanent; compare `error.code`, never the class. */
export const ptraceErrorCodes = {
  EE_PTRACE_PERMISSION: 'The kernel does not let this process trace the thread.',
  EE_PTRACE_BUSY: 'Another debugger traces the thread; a thread has one tracer at most.',
  EE_PTRACE_GONE: 'The thread does not exist, or has ended.',
  EE_PTRACE_STATE: 'The thread is not traced by this process, or is not stopped.',
} as const;
