import { readFileSync } from 'node:fs';
import { ExtensionEventError } from '@extension-events/core';

// capabilities(7): either of them opens the kernel to perf events.
const capSysAdmin = 21n;
const capPerfmon = 38n;

/** May this process include the kernel in perf events of a thread of its own user? */
export function mayIncludeKernel(): boolean {
  const status = tryRead('/proc/self/status');
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  if (((effective >> capSysAdmin) & 1n) === 1n || ((effective >> capPerfmon) & 1n) === 1n)
    return true;
  return Number.parseInt(tryRead('/proc/sys/kernel/perf_event_paranoid') || '4', 10) <= 1;
}

/** Says of a refusal what it means for a tracepoint; other errors stay as they are. */
export function explainRefusal(error: unknown, name: string): unknown {
  if ((error as { code?: unknown } | undefined)?.code !== 'EE_PERF_PERMISSION') return error;
  return new ExtensionEventError(
    'EE_TRACEPOINT_PERMISSION',
    `The kernel does not show ${name} to this user: ${(error as Error).message}`,
    'Without privileges tracepoint:syscalls:* can be heard of processes of the same user (kernel=false); for others run as root or with CAP_PERFMON.',
    { cause: error },
  );
}

function tryRead(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
