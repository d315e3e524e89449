import { ExtensionEventError } from '@extension-events/core';
import type { LinuxHost } from './host.ts';
import { loadNative } from './native/native.ts';
import { createPerfSession } from './perf/session.ts';
import type { PerfSessionOptions } from './perf/session.ts';
import { ThreadFollower } from './proc/thread-follower.ts';
import { createSymbols } from './symbols/index.ts';

/** How a process is looked at. */
export interface LinuxHostOptions {
  /** Does an agent speak for this thread? Default: for none. */
  readonly isScripted?: (tid: number) => boolean;
  readonly perf?: PerfSessionOptions;
}

/**
 * Opens the door to one process: its threads, its perf events and its symbols. It takes nothing from
 * the process until an event is opened. Disposing closes every event.
 *
 * @throws ExtensionEventError `EE_LINUX_PLATFORM`, `EE_LINUX_NATIVE`, `EE_LINUX_NO_PROCESS`
 */
export async function openLinuxHost(
  pid: number,
  options: LinuxHostOptions = {},
): Promise<LinuxHost & Disposable> {
  const native = await loadNative();
  const threads = new ThreadFollower(pid);
  if (!Number.isSafeInteger(pid) || threads.threads.length === 0) {
    throw new ExtensionEventError('EE_LINUX_NO_PROCESS', `There is no process ${pid}.`, 'It may have ended; extev ls lists those that run.'); // prettier-ignore
  }
  const perf = createPerfSession(native, threads, options.perf);
  const symbols = createSymbols(pid);
  return {
    pid,
    get threads() {
      return threads.threads;
    },
    onThreads: (listener) => threads.onChange(listener),
    isScripted: options.isScripted ?? (() => false),
    perf,
    symbols,
    [Symbol.dispose]() {
      perf[Symbol.dispose]();
      threads[Symbol.dispose]();
      symbols.close();
    },
  };
}
