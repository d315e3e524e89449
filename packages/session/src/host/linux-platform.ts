import type { Decision, Holder } from './holder.ts';
import type { HostPlatform } from './run-host.ts';

// signal(7) on every architecture that Node supports on Linux; `mips` and `parisc` differ.
const sigurg = 23;
// A signal that a perf event sent has a code of 1 and up (POLL_IN …), sigaction(2); kill(2) has 0.
const fromKernel = 128;

/** The means of Linux; koffi is loaded when a process is opened, in host processes alone. */
export const linuxPlatform: HostPlatform = {
  async open(pid) {
    const { openLinuxHost } = await import('@extension-events/platform-linux');
    return openLinuxHost(pid);
  },
  async createHolder(decide) {
    const { Ptrace, ThreadHolder } = await import('@extension-events/platform-linux/ptrace');
    const holder = new ThreadHolder(await Ptrace.load(), {
      onSignal: ({ tid, signal, siCode }) => {
        const isNotice = signal === sigurg && siCode > 0 && siCode < fromKernel;
        if (!isNotice) return 'pass';
        const decision: Decision = decide(tid);
        return decision === 'pass' ? 'swallow' : decision;
      },
    });
    return {
      watch(tid) {
        try {
          holder.seize(tid);
          return true;
        } catch {
          return false; // a debugger has it, or it has ended
        }
      },
      unwatch: (tid) => holder.release(tid),
      release: (tid) => holder.resume(tid),
      [Symbol.dispose]: () => holder[Symbol.dispose](),
    } satisfies Holder;
  },
};
