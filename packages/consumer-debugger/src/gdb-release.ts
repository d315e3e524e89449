import { listTids, readStatus } from './proc-tracing.ts';

/** After a detach, so long until the kernel's own word for it is believed. */
const detachedWithinMs = 2000;

/** The kernel has the last word on whether threads run without a tracer: waits for it a while. */
export async function isFreedFrom(pid: number, tracer: number | undefined): Promise<boolean> {
  const deadline = performance.now() + detachedWithinMs;
  const isHeld = (): boolean =>
    listTids(pid).some((tid) => {
      const status = readStatus(pid, tid);
      return status !== undefined && (status.state === 't' || status.tracer === tracer);
    });
  while (isHeld() && performance.now() < deadline) await delay();
  return !isHeld();
}

/** A stop signal of gdb's that outlived it leaves the process standing: it is taken back. */
export async function wake(pid: number): Promise<void> {
  for (let look = 0; look < 5; look++) {
    const stands = listTids(pid).some((tid) => readStatus(pid, tid)?.state === 'T');
    if (stands) sendContinue(pid);
    await delay();
  }
}

function delay(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10));
}

function sendContinue(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
  } catch {
    // it has ended
  }
}
