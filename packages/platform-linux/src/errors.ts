/** Codes that `platform-linux` throws. They are permanent; compare `error.code`, never the class. */
export const platformLinuxErrorCodes = {
  EE_LINUX_PLATFORM: 'The operating system or the CPU is not one that this package knows.',
  EE_LINUX_NATIVE: 'The library that makes system calls could not be loaded.',
  EE_LINUX_NO_PROCESS: 'The process does not exist, or has ended.',
  EE_PERF_PERMISSION: 'The kernel does not let this user open the perf event.',
  EE_PERF_ABSENT: 'This machine or kernel has no such event.',
  EE_PERF_GROUP: 'These counters cannot be counted together.',
  EE_PERF_NO_SLOT: 'All debug registers of the thread are taken.',
  EE_PERF_NO_THREAD: 'The thread does not exist, or has ended.',
  EE_PERF_MEMORY: 'The kernel grants no more memory for the rings of perf events.',
  EE_PERF_FILES: 'This process may not open more files.',
  EE_PERF_ARGUMENT: 'A parameter of the event is not valid, or the kernel refused it.',
  EE_PERF_FILTER: "The kernel refused the event's filter.",
  EE_PERF_SIGNAL_BLOCKED: 'The thread blocks the signal by which it would be stopped.',
  EE_PERF_CLOSED: 'The session or the event has been closed.',
} as const;
