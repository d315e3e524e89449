import { describe, expect, it } from 'vitest';
import { parseNodeCommandLine, splitNodeOptions } from './node-command-line.ts';

describe('a command line of Node', () => {
  it.each([
    [['node', 'app.js', '--inspect-port=1'], [], 'app.js'],
    [['node', '--inspect-port', '9300', 'app.js'], ['--inspect-port=9300'], 'app.js'],
    [
      ['node', '-r', './hook.js', '--inspect=0', 'app.js'],
      ['-r=./hook.js', '--inspect=0'],
      'app.js',
    ],
    [['node', '--inspect', 'app.js'], ['--inspect'], 'app.js'],
    [['node', '--', '--odd.js'], [], '--odd.js'],
    [['node', '-e', 'code()', 'argument'], ['-e=code()'], undefined],
    [['node', '-'], [], undefined],
    [['node'], [], undefined],
    [['my title'], [], undefined],
    [[], [], undefined],
  ])('%j has the options %j and the script %s', (argv, options, script) => {
    expect(parseNodeCommandLine(argv)).toEqual({ options, script });
  });

  it('has the options of NODE_OPTIONS before its own', () => {
    expect(
      parseNodeCommandLine(['node', '--inspect-port=2', 'a.js'], '--inspect-port=1').options,
    ).toEqual(['--inspect-port=1', '--inspect-port=2']);
  });
});

it.each([
  ['', []],
  ['  ', []],
  ['--a   --b=1', ['--a', '--b=1']],
  ['--require "./with space.js" --b', ['--require=./with space.js', '--b']],
  ['--title="say \\"hi\\""', ['--title=say "hi"']],
  ['--inspect-port 0', ['--inspect-port=0']],
  ['"unclosed', ['unclosed']],
])('NODE_OPTIONS %j is split into %j', (text, expected) => {
  expect(splitNodeOptions(text)).toEqual(expected);
});
