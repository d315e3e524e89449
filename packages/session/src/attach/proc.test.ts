import { describe, expect, it } from 'vitest';
import {
  ageMs,
  listThreads,
  otherNamespaces,
  parseStatus,
  readCommandLine,
  readEnvironment,
  readExe,
  readLiveStartTime,
  readStatus,
  splitZeros,
} from './proc.ts';

const missing = 4_194_305;
const status = (caught: string, name = 'node'): string => `Name:\t${name}
Umask:\t0022
State:\tS (sleeping)
Tgid:\t4242
Pid:\t4242
TracerPid:\t0
Uid:\t1000\t1001\t1000\t1000
Gid:\t100\t101\t100\t100
Groups:\t4 27 1000
SigBlk:\t0000000000000000
SigIgn:\t0000000001001000
SigCgt:\t${caught}
`;

describe('the status of a process', () => {
  it('tells state, ids and whether SIGUSR1 is caught', () => {
    expect(parseStatus(status('0000000100004e02'))).toEqual({
      state: 'S',
      tgid: 4242,
      tracerPid: 0,
      effectiveUid: 1001,
      effectiveGid: 101,
      groups: [4, 27, 1000],
      catchesSigusr1: true,
    });
  });

  it.each([
    ['the neighbours of bit 9', '0000000000000500', false],
    ['bit 9 alone', '0000000000000200', true],
    ['nothing', '0000000000000000', false],
    ['a mask that is no number', 'zzz', false],
  ])('reads %s of the mask', (_what, caught, expected) => {
    expect(parseStatus(status(caught))?.catchesSigusr1).toBe(expected);
  });

  it('is not misled by a name that looks like a line of it', () => {
    const text = status('0000000000000000', 'x\\nSigCgt:\tffffffffffffffff Uid: 0 0');
    expect(parseStatus(text)).toMatchObject({ catchesSigusr1: false, effectiveUid: 1001 });
  });

  it('of a zombie has no signal lines, and half a text is none', () => {
    const zombie = status('0')
      .replace(/^Sig.*\n/gm, '')
      .replace('S (sleeping)', 'Z (zombie)');
    expect(parseStatus(zombie)).toMatchObject({ state: 'Z', catchesSigusr1: false });
    expect(parseStatus('Name:\tnode\nState:\tS (sleeping)\n')).toBeUndefined();
    expect(parseStatus('')).toBeUndefined();
  });
});

it.each([
  ['node\0app.js\0', ['node', 'app.js']],
  ['node\0\0app.js\0', ['node', '', 'app.js']],
  ['my title\0\0\0\0', ['my title']],
  ['', []],
])('the arguments in %j are %j', (text, expected) => {
  expect(splitZeros(text)).toEqual(expected);
});

describe('this process', () => {
  it('finds itself in /proc', () => {
    expect(readStatus(process.pid)).toMatchObject({ tgid: process.pid, state: expect.any(String) });
    expect(readExe(process.pid).path).toBe(process.execPath);
    expect(readCommandLine(process.pid).length).toBeGreaterThan(0);
    expect(readEnvironment(process.pid, 'PATH')).toEqual(expect.any(String));
    expect(readEnvironment(process.pid, 'NO_SUCH_VARIABLE')).toBeUndefined();
    expect(listThreads(process.pid)[0]?.tid).toBe(process.pid);
    expect(otherNamespaces(process.pid)).toEqual([]);
    expect(ageMs(readLiveStartTime(process.pid) ?? 0)).toBeGreaterThanOrEqual(0);
  });
});

it('a process that is not there is an absence, not an exception', () => {
  expect(readStatus(missing)).toBeUndefined();
  expect(readLiveStartTime(missing)).toBeUndefined();
  expect(readExe(missing)).toEqual({ path: undefined });
  expect(readCommandLine(missing)).toEqual([]);
  expect(listThreads(missing)).toEqual([]);
  expect(otherNamespaces(missing)).toEqual([]);
});
