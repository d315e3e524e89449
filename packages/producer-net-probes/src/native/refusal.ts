import { ExtensionEventError } from '@extension-events/core';

/** Says of a refusal what it means for an event; other errors stay as they are. */
export function explainRefusal(error: unknown, event: string, tracepoint: string): unknown {
  if ((error as { code?: unknown } | undefined)?.code !== 'EE_PERF_PERMISSION') return error;
  return new ExtensionEventError(
    'EE_NET_PROBES_PERMISSION',
    `${event} of native threads comes from the kernel's ${tracepoint}, which it does not show to this user: ${(error as Error).message}`,
    'Run as root or with CAP_PERFMON. JavaScript threads of Node.js are heard without privileges.',
    { cause: error },
  );
}

export function noSuchTracepoint(event: string, tracepoint: string): ExtensionEventError {
  return new ExtensionEventError(
    'EE_NET_PROBES_KERNEL',
    `${event} of native threads comes from the kernel's ${tracepoint}, and this kernel has none.`,
    'sock:sock_send_length and sock:sock_recv_length are there since Linux 6.3; extev events "tracepoint:syscalls:*" lists what older ones have.',
  );
}

export function statesWithheld(event: string): ExtensionEventError {
  return new ExtensionEventError(
    'EE_NET_PROBES_PERMISSION',
    `${event} of native threads needs the kernel's sock:inet_sock_set_state, which it does not show to this user.`,
    'Run as root or with CAP_PERFMON; net.send, net.receive, net.connect, net.accept and net.error are heard without.',
  );
}

/** Is it there for others, or in other kernels? Then something else may tell less of the same. */
export function isWithheld(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return code === 'EE_NET_PROBES_PERMISSION' || code === 'EE_NET_PROBES_KERNEL';
}
