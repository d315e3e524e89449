import type { PtraceStop } from '@extension-events/platform-linux/ptrace';
import { describe, expect, it } from 'vitest';
import { Stepper, type StepTracer } from './stepper.ts';

const trap: PtraceStop = { kind: 'signal', signal: 5 };
const interrupt: PtraceStop = { kind: 'interrupt' };

/** A thread that reports these stops, one after the other, and then stays in the kernel until it is interrupted. */
function fakeThread(
  stops: (PtraceStop | undefined)[],
  code = 2,
): { tracer: StepTracer; calls: string[] } {
  const calls: string[] = [];
  let pc = 0x1000n;
  const tracer: StepTracer = {
    seize: () => void calls.push('seize'),
    interrupt: () => {
      calls.push('interrupt');
      if (stops.length === 0) stops.push(interrupt);
    },
    waitFor: () => stops.shift(),
    pc: () => (pc += 4n),
    signalCode: () => code,
    hideInterruption: () => void calls.push('hide'),
    hasPendingTrap: () => false,
    advance: (_tid, signal) => void calls.push(`advance ${signal}`),
    cont: (_tid, signal) => void calls.push(`cont ${signal}`),
    detach: (_tid, signal) => void calls.push(`detach ${signal}`),
  };
  return { tracer, calls };
}

async function run(stops: (PtraceStop | undefined)[], limits = { count: 2, maxMs: 50 }, code = 2): Promise<{ end: string; calls: string[]; pcs: bigint[] }> {
  const { calls, tracer } = fakeThread(stops, code);
  const pcs: bigint[] = [];
  const end = await new Stepper(tracer, 1).run(limits, (pc) => void pcs.push(pc));
  return { end, calls, pcs };
} // prettier-ignore

describe('Stepper', () => {
  it('steps as often as it is told and lets go', async () => {
    const { calls, end, pcs } = await run([interrupt, trap, trap]);
    expect(end).toBe('count');
    expect(pcs).toEqual([0x1004n, 0x1008n]);
    expect(calls).toEqual(['seize', 'interrupt', 'hide', 'advance 0', 'advance 0', 'detach 0']);
  });

  it("hands the program's signals on", async () => {
    const { calls, end } = await run([{ kind: 'signal', signal: 10 }, interrupt, trap, { kind: 'signal', signal: 12 }, trap]); // prettier-ignore
    expect(end).toBe('count');
    expect(calls).toEqual(['seize', 'interrupt', 'cont 10', 'hide', 'advance 0', 'advance 0', 'advance 12', 'detach 0']); // prettier-ignore
  });

  it("takes a trap instruction for the program's own", async () => {
    const { calls, pcs } = await run([interrupt, trap], { count: 1, maxMs: 30 }, 0x80);
    expect(pcs).toEqual([]);
    expect(calls).toContain('advance 5');
  });

  it('interrupts a thread that stays in the kernel, when its time is over', async () => {
    const { calls, end } = await run([interrupt, trap], { count: 5, maxMs: 20 });
    expect(end).toBe('time');
    expect(calls.slice(-3)).toEqual(['interrupt', 'hide', 'detach 0']);
  });

  it('takes the trap of a step into the kernel, which would kill an untraced thread', async () => {
    const { tracer, calls } = fakeThread([interrupt, trap]);
    const stops: PtraceStop[] = [];
    const late: StepTracer = {
      ...tracer,
      interrupt: (tid) => {
        if (calls.includes('advance 0')) stops.push(interrupt, trap);
        tracer.interrupt(tid);
      },
      waitFor: (tid) => stops.shift() ?? tracer.waitFor(tid),
      hasPendingTrap: () => stops[0] === trap,
    };
    const end = await new Stepper(late, 1).run({ count: 5, maxMs: 20 }, () => undefined);
    expect(end).toBe('time');
    expect(calls.slice(-4)).toEqual(['interrupt', 'hide', 'cont 0', 'detach 0']);
  });

  it.each([
    [{ kind: 'exited', code: 0 }, 'thread-ended'],
    [{ kind: 'killed', signal: 9 }, 'thread-ended'],
    [{ kind: 'group-stop', signal: 19 }, 'stopped'],
    [{ kind: 'event', event: 'exec' }, 'exec'],
  ] as const)('ends with %j', async (stop, wanted) => {
    expect((await run([interrupt, trap, stop])).end).toBe(wanted);
    expect((await run([stop])).end).toBe(wanted);
  });

  it('leaves when it is told', async () => {
    const { calls, tracer } = fakeThread([interrupt, trap]);
    const stepper = new Stepper(tracer, 1);
    const end = stepper.run({ count: 1000, maxMs: 5000 }, () => stepper.leave());
    expect(await end).toBe('left');
    expect(calls.at(-1)).toBe('detach 0');
  });

  it('never rejects, and leaves no handler behind', async () => {
    const { tracer } = fakeThread([interrupt]);
    const gone = { ...tracer, advance: () => { throw new Error('gone'); } }; // prettier-ignore
    const before = process.listenerCount('SIGTERM');
    const ending = new Stepper(gone, 1).run({ count: 1, maxMs: 50 }, () => undefined);
    expect(process.listenerCount('SIGTERM')).toBe(before + 1);
    expect(await ending).toBe('thread-ended');
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });
});
