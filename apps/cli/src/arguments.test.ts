import { expect, it } from 'vitest';
import { splitCommandLine } from './arguments.ts';

it('leaves what follows -- alone', () => {
  expect(splitCommandLine(['listen', 'x', '--', 'node', '--stack', '--', 'a'])).toEqual({
    own: ['listen', 'x'],
    command: ['node', '--stack', '--', 'a'],
  });
});

it('tells an empty command from none', () => {
  expect(splitCommandLine(['ls', '--']).command).toEqual([]);
  expect(splitCommandLine(['ls']).command).toBeUndefined();
});

it('does not take the word after --stack for its number', () => {
  expect(splitCommandLine(['listen', '1', '--stack', 'hot-spot', '--stack=3']).own).toEqual([
    'listen',
    '1',
    '--stack=16',
    'hot-spot',
    '--stack=3',
  ]);
});
