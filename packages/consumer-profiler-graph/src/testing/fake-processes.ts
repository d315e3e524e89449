import type { ProcessNode, ThreadNode } from '../graph-types.ts';
import { random } from './fake-rates.ts';

/** Processes as they stand at a time. */
export function fakeProcesses(nowMs: number, connected: ReadonlySet<number>): ProcessNode[] {
  const second = Math.floor(nowMs / 1000);
  const cpu = (mean: number, seed: number): number => Math.min(1, mean * (0.6 + 0.8 * random(second, seed))); // prettier-ignore
  const thread = (tid: number, threadId: number, name: string, mean: number): ThreadNode => ({ tid, threadId, name, state: 'running', cpuShare: cpu(mean, tid) }); // prettier-ignore
  const process = (
    pid: number,
    name: string,
    runtime: string,
    threads: readonly ThreadNode[],
  ): ProcessNode => {
    const isOpen = connected.has(pid);
    return {
      pid,
      name,
      runtime,
      state: isOpen ? 'connected' : runtime.startsWith('node') ? 'attachable' : 'native',
      sides: { agent: isOpen, host: false },
      cpuShare: threads.reduce((sum, one) => sum + (one.cpuShare ?? 0), 0),
      threads,
    };
  };
  return [
    process(4242, 'shop-service.js', 'node 24.21.0', [
      thread(4242, 0, 'main', 0.62),
      thread(4251, 1, 'worker 1', 0.2),
      { ...thread(4252, 2, '<img src=x onerror=alert(1)> worker 2', 0), cpuShare: 0, state: 'held', heldBy: { event: 'lucky13', holders: ['extev debug'] } }, // prettier-ignore
    ]),
    process(4310, 'worker-pool.js', 'node 22.14.0', [
      thread(4310, 0, 'main', 0.05),
      thread(4317, 1, 'worker 1', 0.81),
    ]),
    process(4388, 'vite', 'node 24.21.0', [thread(4388, 0, 'main', 0.02)]),
    {
      ...process(4420, 'a-service-of-another-user-with-a-long-name.js', 'node 20.20.2', []),
      state: 'refused',
      error: { code: 'EE_ATTACH_PERMISSION', message: 'Process 4420 belongs to another user (uid 1001).', hint: 'Run extev watch as that user or as root: sudo extev watch 4420.' }, // prettier-ignore
    },
    process(5120, 'postgres', 'native', [thread(5120, -1, 'postgres', 0.11)]),
  ];
}
