import { describe, expect, it } from 'vitest';
import { pickByName, readTarget, type TargetWords } from './target.ts';

function read(args: readonly string[], rest: Partial<TargetWords> = {}): object {
  return readTarget({ args, command: undefined, ...rest });
}

describe('readTarget', () => {
  it.each([
    [['4242', 'net.*'], {}, { target: { pid: 4242 }, patterns: ['net.*'] }],
    [['net.*', '4242'], {}, { target: undefined, patterns: ['net.*', '4242'] }],
    [['42a'], {}, { target: undefined, patterns: ['42a'] }],
    [['4242', 'x'], { pid: 7 }, { target: { pid: 7 }, patterns: ['4242', 'x'] }],
    [['4242'], { name: 'app' }, { target: { name: 'app' }, patterns: ['4242'] }],
    [['x'], { command: ['node'] }, { target: { command: ['node'] }, patterns: ['x'] }],
    [[], {}, { target: undefined, patterns: [] }],
  ])('reads %j with %j', (args, rest, expected) => {
    expect(read(args, rest)).toEqual(expected);
  });

  it.each([
    [['x'], { pid: 7, name: 'app' }],
    [['x'], { pid: 7, command: ['node'] }],
    [['4242', 'x'], { command: ['node'] }],
    [['x'], { command: [] }],
    [['x'], { command: [''] }],
  ])('refuses %j with %j', (args, rest) => {
    expect(() => read(args, rest)).toThrow(expect.objectContaining({ code: 'EE_USAGE' }));
  });
});

describe('pickByName', () => {
  const processes = [
    { pid: 1, name: 'app.js' },
    { pid: 2, name: 'twin.js' },
    { pid: 3, name: 'twin.js' },
    { pid: process.pid, name: 'extev' },
  ];

  it('finds the one that has the name', () => {
    expect(pickByName('app.js', processes)).toBe(1);
  });

  it.each([
    ['twin.js', '2 processes are called twin.js: 2, 3.', 'Give one of these pids.'],
    ['app', 'No process is called app.', 'Did you mean app.js (1)?'],
    ['extev', 'No process is called extev.', 'extev ls shows names and pids.'],
  ])('refuses %s', (name, message, hint) => {
    expect(() => pickByName(name, processes)).toThrow(expect.objectContaining({ code: 'EE_NAME_UNKNOWN', message, hint })); // prettier-ignore
  });
});
