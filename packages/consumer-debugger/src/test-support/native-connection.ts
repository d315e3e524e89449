import { readdirSync, readFileSync } from 'node:fs';
import type { EventTypeDescriptor } from '@extension-events/core';
import type { ThreadInfo, Verdict } from '../internal-types.ts';
import { FakeProcess } from './fake-process.ts';

export const hitType: EventTypeDescriptor = {
  name: 'hw-breakpoint.hit',
  kind: 'requested',
  description: 'A thread touched watched memory.',
  fields: {
    address: { type: 'u64' },
    lengthBytes: { type: 'u32', unit: 'By' },
    access: { type: 'string' },
    pc: { type: 'u64', base: 16 },
    symbol: { type: 'string', optional: true },
  },
  request: {
    address: { type: 'string' },
    lengthBytes: { type: 'u32', default: 4 },
    access: { type: 'string', default: 'write' },
  },
};

/**
 * A real process as a host would serve it, with the host played by the test: threads come from
 * `/proc`, verdicts from {@link NativeProcess.verdicts}.
 */
export class NativeProcess extends FakeProcess {
  override readonly pid: number;
  override readonly hello: FakeProcess['hello'] = { name: 'spin', grants: ['stop', 'evaluate'] };
  readonly sides: { agent: boolean; host: boolean } = { agent: false, host: true };
  /** What the host says of the next SIGURG stops, in order; nothing: none of ours. */
  readonly verdicts: Verdict[] = [];

  constructor(pid: number, types: readonly EventTypeDescriptor[] = [hitType]) {
    super(types);
    this.pid = pid;
    this.answers['verdict'] = () => this.verdicts.shift() ?? { caught: null, isOurs: false };
    this.refreshThreads();
    const keys = this.threads.map((thread) => thread.key);
    this.eventTypes$.next(
      types.map((descriptor) => ({ descriptor, threads: keys, listeners: 0, heard: 0 })),
    );
  }

  refreshThreads(): void {
    const tids = readdirSync(`/proc/${this.pid}/task`)
      .map(Number)
      .toSorted((a, b) => a - b);
    this.threads$.next(
      tids.map((tid): ThreadInfo => ({
        key: tid,
        tid,
        threadId: -1,
        name: readFileSync(`/proc/${this.pid}/task/${tid}/comm`, 'utf8').trim(),
        state: 'running',
        runs: 'native',
      })),
    );
  }

  /** The keys that a listen is in force on. */
  override listenKeys(): number[] {
    return this.threads.map((thread) => thread.key);
  }
}
