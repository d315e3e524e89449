import { listProcesses, type ProcessEntry } from '@extension-events/session';
import { exitCode } from '../exit-codes.ts';
import { print, say, table, toJson } from '../output.ts';

/** `extev ls` */
export async function ls({ json }: { json?: boolean }): Promise<number> {
  const processes = (await listProcesses()).filter((entry) => entry.pid !== process.pid);
  if (json === true) {
    await print(toJson({ v: 1, processes: processes.map((entry) => describe(entry)) }));
    return exitCode.ok;
  }
  if (processes.length === 0) say('No Node.js process of this user runs.');
  else for (const line of table([['PID', 'NAME', 'RUNTIME', 'AGENT', 'THREADS'], ...processes.map((entry) => [String(entry.pid), entry.name, entry.runtime, entry.agent, String(entry.threads.length)])])) await print(line); // prettier-ignore
  return exitCode.ok;
}

function describe({ agent, name, pid, runtime, threads }: ProcessEntry): object {
  // Node's own numbers of threads are known once a process is attached; seen from outside, main is the pid.
  return { pid, name, runtime, agent, threads: threads.map((thread) => ({ tid: thread.tid, threadId: thread.tid === pid ? 0 : null, name: thread.name })) }; // prettier-ignore
}
