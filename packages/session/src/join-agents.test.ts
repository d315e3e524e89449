import { describe, expect, it } from 'vitest';
import { ExtensionEventError } from '@extension-events/core';
import type { ProcessEntry } from './attach/index.ts';
import { JoinAgents } from './join-agents.ts';
import type { JoinedConnection } from './joined-connection.ts';

const entry = (pid: number, more: Partial<ProcessEntry> = {}): ProcessEntry =>
  ({ pid, startTime: 1, uid: 0, name: 'app.js', runtime: 'node', agent: 'attached', threads: [], ...more }); // prettier-ignore

function join(taken: readonly number[] = []) {
  const log: string[] = [];
  const ends = new Map<number, () => void>();
  let refusal: ExtensionEventError | undefined;
  const agents = new JoinAgents({
    isTaken: (pid) => taken.includes(pid),
    connect: async ({ agent, pid }) => {
      log.push(`${agent === 'attached' ? 'agent' : 'host'} ${pid}`);
      if (refusal !== undefined) throw refusal;
      const ended = new Promise<void>((resolve) => ends.set(pid, resolve));
      const close = async (): Promise<void> => {
        log.push(`close ${pid}`);
        ends.get(pid)?.();
      };
      return { pid, ended, close } as unknown as JoinedConnection;
    },
  });
  const refuse = (error: ExtensionEventError | undefined): void => {
    refusal = error;
  };
  return { agents, ends, log, refuse };
}

describe('joining', () => {
  it('connects once to each process that is observed, and to no other', async () => {
    const { agents, log } = join();
    const seen = [entry(1), entry(2, { agent: 'none' }), entry(3, { agent: 'none', hostSocketPath: '/h' })]; // prettier-ignore
    await agents.look(seen);
    await agents.look(seen);
    expect(log).toEqual(['agent 1', 'host 3']);
  });

  it('leaves its own process, and those that somebody has opened, alone', async () => {
    const { agents, log } = join([5]);
    await agents.look([entry(process.pid), entry(5)]);
    expect(log).toEqual([]);
  });

  it('takes the agent when one comes to a process whose host it had', async () => {
    const { agents, log } = join();
    await agents.look([entry(1, { agent: 'none', hostSocketPath: '/h' })]);
    await agents.look([entry(1)]);
    expect(log).toEqual(['host 1', 'close 1', 'agent 1']);
  });

  it('tells who refuses, and asks again after a while', async () => {
    const { agents, log, refuse } = join();
    const told: (readonly (readonly [number, string])[])[] = [];
    agents.failures$.subscribe((failures) =>
      told.push(Array.from(failures, ([pid, { code }]) => [pid, code] as const)),
    );
    refuse(new ExtensionEventError('EE_AGENT_SILENT', 'm', 'h'));
    await agents.look([entry(1)]);
    await agents.look([entry(1)]);
    refuse(undefined);
    await agents.look([entry(1)], performance.now() + 6000);
    expect(log).toEqual(['agent 1', 'agent 1']);
    expect(told).toEqual([[], [[1, 'EE_AGENT_SILENT']], []]);
  });

  it('joins a pid again that is used again', async () => {
    const { agents, ends, log } = join();
    await agents.look([entry(1)]);
    ends.get(1)?.();
    await agents.look([]);
    await agents.look([entry(1, { startTime: 2 })]);
    expect(log).toEqual(['agent 1', 'agent 1']);
  });
});
