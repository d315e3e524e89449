/** Codes of this package. They are permanent; compare `error.code`, never the class. */
export const tracepointErrorCodes = {
  EE_TRACEPOINT_UNSUPPORTED: 'This system has no tracepoints or probes that we know.',
  EE_TRACEPOINT_NAME: 'The name is not one of a tracepoint or a probe.',
  EE_TRACEPOINT_PERMISSION: 'The kernel does not show this tracepoint to this user.',
  EE_TRACEPOINT_KERNEL: 'Without the kernel this tracepoint would never be heard.',
  EE_UPROBE_FILE: 'The file of a probe cannot be found, or is no program or library.',
  EE_UPROBE_SYMBOL: 'The file has no such function.',
  EE_UPROBE_RETURN: 'The return of a function can be listened to, not caught.',
  EE_UPROBE_BOUNDARY: 'The address is not the start of an instruction, or that cannot be known.',
  EE_USDT_UNKNOWN: 'The file has no such USDT probe.',
} as const;
