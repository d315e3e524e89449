import { expect, it } from 'vitest';
import { attachErrorCodes } from './errors.ts';
import { refusals } from './refusals.ts';

const holder = { pid: 7, name: 'postgres' };
const all = [
  refusals.noProcess(1),
  refusals.noProcess(1, 'signal'),
  refusals.zombie(1),
  refusals.isThread(2, 1),
  refusals.notNode(1, '/usr/bin/sleep'),
  refusals.notNode(1, undefined),
  refusals.tooOld(1, 'v18.0.0'),
  refusals.otherNamespace(1, ['mount namespace']),
  refusals.self(1),
  refusals.permission(1, 4242, 'kill: EPERM'),
  refusals.permission(1, undefined, 'hidden'),
  refusals.stopped(1),
  refusals.traced(1, 2),
  refusals.blocked(1, 'the system call read', 10),
  refusals.locked(1, 10),
  refusals.signalDisabled(1),
  refusals.publishesNowhere(1),
  refusals.signalHandled(1, 10),
  refusals.portBusy(1, 9229, holder),
  refusals.inspector(1, 9229, new Error('x')),
  refusals.refused(1, 'ERR_ACCESS_DENIED'),
  refusals.agentFailed(1, 'Error: x'),
  refusals.agent(1, 10),
  refusals.agentFile(1, '/x', 'ENOENT'),
  refusals.portOpen(1, 9229),
  refusals.timeout(1, 'signal', 10),
  refusals.aborted(1, 'signal', new Error('x')),
];

it('every refusal has a code of the table, says what happened and what to do next', () => {
  expect(new Set(all.map(({ code }) => code))).toEqual(new Set(Object.keys(attachErrorCodes)));
  for (const { message, hint } of all) {
    expect(message).toMatch(/^\S.*\.$|: \S+$/);
    expect(hint).not.toBe('');
    expect(message + hint).not.toContain('undefined');
  }
});

it('a busy port is told with its holder and whether the process was signalled', () => {
  expect(refusals.portBusy(1, 9229, holder).message).toContain('process 7 (postgres)');
  expect(refusals.portBusy(1, 9229, holder).message).toContain('It was not signalled.');
  expect(refusals.portBusy(1, 9229, undefined, true).message).toContain('It was signalled.');
  expect(refusals.portBusy(1, 9229, { pid: 1, name: 'node' }).message).toContain('itself');
});
