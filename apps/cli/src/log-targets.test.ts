import { expect, it } from 'vitest';
import { chooseTargets, type LogWords } from './log-targets.ts';

const words = (change: Partial<LogWords>): LogWords => ({ args: [], command: undefined, pid: [], ...change }); // prettier-ignore

it.each([
  [{ args: ['4242', 'net.*'] }, [{ pid: 4242 }], ['net.*']],
  [{ args: ['net.*', 'gc.*'], pid: [1, 2, 1] }, [{ pid: 1 }, { pid: 2 }], ['net.*', 'gc.*']],
  [{ args: ['net.*'], command: ['node', 'a.js'] }, [{ command: ['node', 'a.js'] }], ['net.*']],
])('%j names targets', async (change, targets, patterns) => {
  expect(await chooseTargets(words(change))).toEqual({ targets, patterns, isSession: false });
});

it('takes the whole session in place of targets', async () => {
  const chosen = await chooseTargets(words({ args: ['net.*'], session: true }));
  expect(chosen).toEqual({ targets: [], patterns: ['net.*'], isSession: true });
});

it.each([
  [{ args: ['1', 'net.*'], session: true }, '--session'],
  [{ args: ['net.*'], session: true, pid: [1] }, '--session'],
  [{ args: ['net.*'], session: true, name: 'app.js' }, '--session'],
  [{ args: ['net.*'], session: true, command: ['node'] }, '--session'],
  [{ args: [], session: true }, 'no pattern'],
  [{ args: ['4242'] }, 'no pattern'],
  [{ args: ['net.*'] }, 'A target is missing'],
  [{ args: ['net.*'], pid: [1], command: ['node'] }, 'More than one target'],
])('%j makes no sense', async (change, message) => {
  await expect(chooseTargets(words(change))).rejects.toMatchObject({ code: 'EE_USAGE', message: expect.stringContaining(message) }); // prettier-ignore
});

it('without a target, every way to give one is named', async () => {
  await expect(chooseTargets(words({}))).rejects.toMatchObject({ hint: expect.stringMatching(/-p PID .*several.*-n NAME, --session, or -- command/) }); // prettier-ignore
});
