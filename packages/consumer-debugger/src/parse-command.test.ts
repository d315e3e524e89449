import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commands } from './commands.ts';
import { isCodedError } from './errors.ts';
import { parseLine } from './parse-command.ts';

const nameOf = (line: string): string | undefined => parseLine(line, commands)?.command.name;
const refusalOf = (line: string): string => {
  try {
    return String(nameOf(line));
  } catch (error) {
    return isCodedError(error) ? `${error.code}: ${error.message} ${error.hint}` : String(error);
  }
};

describe('parseLine', () => {
  it("knows gdb's traditional short forms", () => {
    const forms: Record<string, string> = {
      c: 'continue',
      n: 'next',
      s: 'step',
      b: 'break',
      tb: 'tbreak',
      bt: 'bt',
      where: 'bt',
      backtrace: 'bt',
      p: 'print',
      l: 'list',
      q: 'quit',
      exit: 'quit',
      f: 'frame',
      d: 'delete',
      fin: 'finish',
      u: 'until',
      h: 'help',
      t: 'thread',
      'i b': 'info catchpoints',
      'info breakpoints': 'info catchpoints',
      'i lo': 'info locals',
      'i r': 'info registers',
      'i th': 'info threads',
      'info e': 'info events',
    };
    expect(Object.fromEntries(Object.keys(forms).map((line) => [line, nameOf(line)]))).toEqual(
      forms,
    );
  });

  it('takes any beginning that only one command has', () => {
    expect(nameOf('cat x')).toBe('catch');
    expect(nameOf('det')).toBe('detach');
    expect(nameOf('backt')).toBe('bt');
    expect(nameOf('inter')).toBe('interrupt');
  });

  it('separates a command from what touches it', () => {
    expect(parseLine('p(1+2)', commands)?.argument).toBe('(1+2)');
    expect(parseLine('  catch   net.*  if a == 1 ', commands)?.argument).toBe('net.*  if a == 1');
  });

  it('reads nothing from blank lines and comments', () => {
    expect(parseLine('  ', commands)).toBeUndefined();
    expect(parseLine('# c', commands)).toBeUndefined();
  });

  it('refuses what is unknown or ambiguous, with the near misses', () => {
    expect(refusalOf('cacth')).toBe(
      'EE_COMMAND_UNKNOWN: There is no command "cacth". Did you mean catch?',
    );
    expect(refusalOf('con')).toBe(
      'EE_COMMAND_AMBIGUOUS: con could be condition, continue. Write a few more letters.',
    );
    expect(refusalOf('info s')).toContain('EE_COMMAND_AMBIGUOUS: info s could be');
    expect(refusalOf('info')).toContain('EE_COMMAND_ARGUMENT: info needs to know what.');
    expect(refusalOf('%')).toContain('EE_COMMAND_UNKNOWN');
  });

  it('takes every command by its full name and by each alias', () => {
    for (const command of commands) {
      expect(nameOf(command.name)).toBe(command.name);
      const group = command.name.includes(' ') ? `${command.name.split(' ')[0] ?? ''} ` : '';
      for (const alias of command.aliases ?? []) expect(nameOf(group + alias)).toBe(command.name);
    }
  });

  it('answers any line with a command or a coded error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (line) => {
        expect(refusalOf(line)).toMatch(/^(?:undefined|EE_|[a-z]+)/);
      }),
    );
  });
});
