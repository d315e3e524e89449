import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Connection as SessionConnection, TargetConnection } from '@extension-events/session'; // prettier-ignore
import type { Connection } from './internal-types.ts';
import { FakeProcess } from './test-support/fake-process.ts';
import { runLines } from './test-support/run.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'debugger-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

function write(name: string, text: string): string {
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
}

describe('files of commands', () => {
  it('run before the input, or instead of it in a batch', async () => {
    const file = write('a.extev', '# a comment\necho from the file\r\n\n');
    const both = await runLines(new FakeProcess(), ['echo from the input'], { files: [file] });
    expect(both.transcript).toBe(
      '(extev) # a comment\n(extev) echo from the file\nfrom the file\n(extev) echo from the input\nfrom the input',
    );
    const batch = await runLines(new FakeProcess(), ['echo no'], { files: [file], isBatch: true });
    expect(batch.transcript).not.toContain('no');
    expect([both.code, batch.code]).toEqual([0, 0]);
  });

  it('stop at the first failure, which is told with its place', async () => {
    const inner = write('inner.extev', 'echo in\nthread 9\necho never');
    const outer = write('outer.extev', `source ${inner}\necho never`);
    const { code, transcript, errors } = await runLines(new FakeProcess(), [], { files: [outer] });
    expect(code).toBe(1);
    expect(transcript).toContain('EE_THREAD_NUMBER: There is no thread 9.\nhint: There is: 1.');
    expect(transcript).toContain(`${inner}:2: thread 9 failed.`);
    expect(transcript).not.toContain('never');
    expect(errors).toBe(`${outer}:1: source ${inner}: failed (EE_THREAD_NUMBER)\n`);
  });

  it('that cannot be read, or never end, are refused', async () => {
    const missing = await runLines(new FakeProcess(), [], { files: [join(directory, 'none')] });
    expect(missing.code).toBe(1);
    expect(missing.errors).toContain('EE_COMMAND_FILE');
    const circle = join(directory, 'circle');
    write('circle', `source ${circle}`);
    const endless = await runLines(new FakeProcess(), [`source ${circle}`]);
    expect(endless.transcript).toContain('EE_COMMAND_FILE');
    expect(endless.code).toBe(1);
  });

  it('close an unfinished list of commands at their end', async () => {
    const process = new FakeProcess();
    const file = write('a.extev', 'catch net.send\ncommands\nbt\n');
    const { transcript } = await runLines(process, ['info catchpoints'], { files: [file] });
    expect(transcript).toContain('(extev) info catchpoints\nNum');
    expect(transcript).toMatch(/ {9}bt$/);
  });
});

describe('help', () => {
  it('lists every command and explains one, examples first', async () => {
    const { transcript } = await runLines(new FakeProcess(), ['help', 'help tcatch', 'help info']);
    expect(transcript).toContain('Stopping:\n  catch PATTERN [name=value …] [if EXPR]');
    expect(transcript).toContain(`(extev) help tcatch
  tcatch hot-spot

tcatch PATTERN [name=value …] [if EXPR]
  Catch once: the catchpoint is deleted by its first stop.`);
    expect(transcript.split('(extev) help info\n')[1]).toMatch(/^Stopping:\n {2}info events/);
  });
});

const accept = (connection: SessionConnection | TargetConnection): Connection => connection;

describe('the connection', () => {
  it('that session opens is one that can be debugged', () => {
    expect(accept).toBeTypeOf('function');
  });

  it('is left running when the debugger is interrupted from outside', async () => {
    const process = new FakeProcess();
    const stopping = new AbortController();
    process.onOpen = () => stopping.abort();
    const { code, whole } = await runLines(process, ['catch net.send', 'continue'], {
      signal: stopping.signal,
    });
    expect(code).toBe(130);
    expect(whole).toContain('Detached from process 4242; it goes on.');
  });
});
