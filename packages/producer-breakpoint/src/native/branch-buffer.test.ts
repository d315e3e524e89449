import { expect, it } from 'vitest';
import { findBranchBuffers, type MachineFiles, refuseBranchBuffer } from './branch-buffer.ts';

function machine(devices: readonly string[], flags: string, branches = ''): MachineFiles {
  return {
    list: () => devices,
    read: (path) => (path === '/proc/cpuinfo' ? `processor : 0\nflags\t\t: fpu ${flags} sse\n` : branches), // prettier-ignore
  };
}

it.each([
  [['breakpoint', 'software'], '', '', []],
  [['breakpoint'], 'bts arch_lbr', '', []],
  [['cpu', 'intel_bts', 'intel_pt'], '', '', ['bts', 'pt']],
  [['cpu'], 'amd_lbr_v2', '', ['lbr']],
  [['cpu'], '', '32\n', ['lbr']],
  [['cpu'], '', '0\n', []],
])('of %j with flags %j finds %j → %j', (devices, flags, branches, found) => {
  expect(findBranchBuffers(machine(devices, flags, branches))).toEqual(found);
});

it('names the missing feature, or says that it is not read', () => {
  const none = refuseBranchBuffer('auto', machine(['software', 'msr'], ''));
  expect(none).toMatchObject({ code: 'EE_BRANCH_BUFFER_ABSENT' });
  expect(none.message).toContain('intel_bts, intel_pt or last branch records');
  expect(none.message).toContain('msr, software');
  const pt = machine(['cpu', 'intel_pt'], '');
  expect(refuseBranchBuffer('auto', pt)).toMatchObject({ code: 'EE_BRANCH_BUFFER_UNREAD' });
  expect(refuseBranchBuffer('bts', pt)).toMatchObject({ code: 'EE_BRANCH_BUFFER_ABSENT' });
  expect(refuseBranchBuffer('auto')).toHaveProperty('hint');
});
