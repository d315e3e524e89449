import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { complete } from './completion.ts';
import { commands } from './commands.ts';
import { runDebugger } from './consumer.ts';
import { Catchpoints } from './catchpoints.ts';
import { Debuggee } from './debuggee.ts';
import { historyFile, historySize, readHistory, writeHistory } from './history.ts';
import { StopBoard } from './stop-board.ts';
import { FakeProcess, mainThread, workerThread } from './test-support/fake-process.ts';
import { Sink } from './test-support/run.ts';
import { V8Engine } from './v8-engine.ts';

const directories: string[] = [];
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'debugger-'));
  directories.push(directory);
  return directory;
}

/** Types at a prompt, and waits for what should be shown. */
function openTerminal(process: FakeProcess, file: string | false = false) {
  const input = new PassThrough();
  const output = new Sink();
  const ended = runDebugger({
    connection: process,
    input,
    output,
    isInteractive: true,
    historyFile: file,
    cwd: '/somewhere/else',
    env: {},
  });
  return {
    output,
    ended,
    type: (text: string): void => {
      output.text = '';
      input.write(text);
    },
    end: (): void => {
      input.end();
    },
    /** Output without the escapes that move the cursor. */
    shown: async (expected: string): Promise<void> => {
      await vi.waitFor(() => expect(plainText(output.text)).toContain(expected), {
        timeout: 30_000,
      });
    },
  };
}

function plainText(text: string): string {
  // oxlint-disable-next-line no-control-regex -- escapes are what it removes
  return text.replaceAll(/\u001B\[[\d;?]*[A-Za-z]/g, '').replaceAll('\r', '');
}

describe('the prompt', () => {
  it('answers, repeats what goes on for an empty line, and leaves at Ctrl-D', async () => {
    const process = new FakeProcess();
    const terminal = openTerminal(process);
    await terminal.shown('(extev) ');
    terminal.type('list keys.js:1\r');
    await terminal.shown('const seen = new Map();');
    terminal.type('\r');
    await terminal.shown(' 11  }');
    terminal.type('catch net.send\r');
    await terminal.shown('Catchpoint 1 (net.send)\n(extev) ');
    terminal.type('\r');
    await terminal.shown('(extev) ');
    expect(process.opened).toHaveLength(1);
    terminal.type('\u0004');
    expect(await terminal.ended).toBe(0);
    expect(terminal.output.text).toContain('Detached from process 4242; it goes on.');
  });

  it('goes on after an error', async () => {
    const terminal = openTerminal(new FakeProcess());
    await terminal.shown('(extev) ');
    terminal.type('bt\r');
    await terminal.shown('EE_THREAD_RUNNING');
    terminal.type('quit\r');
    expect(await terminal.ended).toBe(0);
  });

  it('shows a stop that comes while nobody waits, and draws the prompt again', async () => {
    const process = new FakeProcess();
    process.threads$.next([mainThread, workerThread]);
    const terminal = openTerminal(process);
    await terminal.shown('(extev) ');
    terminal.type('catch net.send\r');
    await terminal.shown('Catchpoint 1 (net.send)\n(extev) ');
    process.stopFor(1, 'net.send', { len: 13 });
    await terminal.shown('len = 13 bytes');
    process.stopFor(1, 'net.send', { len: 14 }, { thread: 3 });
    await terminal.shown(
      '[thread 2 (alpha, tid 4250) stopped too: catchpoint 1, net.send]\n(extev) ',
    );
    expect(terminal.output.text).not.toContain('len = 14');
    terminal.type('thread 2\r');
    await terminal.shown('len = 14 bytes');
    terminal.type('q\r');
    expect(await terminal.ended).toBe(0);
  });

  it('stops the running thread at Ctrl-C, and gives up waiting at the second', async () => {
    const process = new FakeProcess();
    const terminal = openTerminal(process);
    await terminal.shown('(extev) ');
    terminal.type('continue\r');
    await terminal.shown('Continuing.');
    process.answers['pause'] = () => {
      process.stop({ type: 'pause' });
      return {};
    };
    terminal.type('\u0003');
    await terminal.shown('Interrupted in thread 1 (main, tid 4242)');
    process.answers['pause'] = () => ({});
    terminal.type('continue\r');
    await terminal.shown('Continuing.');
    terminal.type('\u0003\u0003');
    await terminal.shown('Not waiting any longer; the thread runs on.');
    terminal.type('pri\u0003');
    await terminal.shown('(extev) ');
    terminal.type('\u0003');
    await terminal.shown('quit or Ctrl-D leaves; the process goes on.');
    terminal.type('quit\r');
    expect(await terminal.ended).toBe(0);
  });

  it('ends when the process does', async () => {
    const process = new FakeProcess();
    const terminal = openTerminal(process);
    await terminal.shown('(extev) ');
    process.end({ reason: 'bye', bye: { reason: 'exit', exitCode: 7 } });
    expect(await terminal.ended).toBe(0);
    expect(terminal.output.text).toContain('[process 4242 exited with code 7]');
  });

  it('collects the commands of a catchpoint under a prompt of their own', async () => {
    const terminal = openTerminal(new FakeProcess());
    await terminal.shown('(extev) ');
    terminal.type('catch net.send\rcommands\r');
    await terminal.shown('\n>');
    terminal.type('bt\rend\rinfo catchpoints\r');
    await terminal.shown('         bt\n');
    terminal.type('quit\r');
    expect(await terminal.ended).toBe(0);
  });

  it('says how the commands of a catchpoint end, and leaves them as they were at Ctrl-C', async () => {
    const process = new FakeProcess();
    const terminal = openTerminal(process);
    await terminal.shown('(extev) ');
    terminal.type('catch net.send\r');
    await terminal.shown('Catchpoint 1 (net.send)\n(extev) ');
    terminal.type('commands 1\r');
    await terminal.shown('end ends them, Ctrl-C leaves them as they were.\n>');
    terminal.type('bt\r');
    await terminal.shown('bt\n>');
    terminal.type('\u0003');
    await terminal.shown('(extev) ');
    terminal.type('info catchpoints\r');
    await terminal.shown('net.send\n(extev) ');
    terminal.type('quit\r');
    expect(await terminal.ended).toBe(0);
  });

  it('keeps typed lines for the next session, readable by their owner only', async () => {
    const file = join(temporaryDirectory(), 'state', 'history');
    const terminal = openTerminal(new FakeProcess(), file);
    await terminal.shown('(extev) ');
    terminal.type('echo one\r');
    await terminal.shown('one\n(extev) ');
    terminal.type('quit\r');
    await terminal.ended;
    expect(readHistory(file)).toEqual(['quit', 'echo one']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});

describe('history', () => {
  it('stands below the state directory, and is bounded', () => {
    expect(historyFile({ XDG_STATE_HOME: '/x' })).toBe('/x/extension-events/debug-history');
    expect(historyFile({ XDG_STATE_HOME: 'x' })).toMatch(
      /\.local\/state\/extension-events\/debug-history$/,
    );
    const file = join(temporaryDirectory(), 'history');
    writeHistory(
      file,
      Array.from({ length: historySize + 5 }, (_, index) => `line ${index}`),
    );
    expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toHaveLength(historySize);
    expect(readHistory(file)[0]).toBe('line 0');
    expect(readHistory(join(file, 'no'))).toEqual([]);
    writeFileSync(`${file}.x`, '');
    writeHistory(join(file, 'no', 'no'), ['a']);
    expect(existsSync(join(file, 'no'))).toBe(false);
  });
});

describe('completion', () => {
  const process = new FakeProcess();
  const engine = new V8Engine(process, { cwd: '/' });
  const catchpoints = new Catchpoints(process, engine, () => undefined);
  const debuggee = new Debuggee(process, engine, catchpoints, new StopBoard(process, catchpoints));
  const at = async (line: string): Promise<string[]> =>
    (await complete(line, commands, debuggee))[0].map((candidate) => candidate.trimEnd());

  it('writes a blank after the only candidate, unless it goes on', async () => {
    expect((await complete('cat', commands, debuggee))[0]).toEqual(['catch ']);
    expect((await complete('catch hot-spot s', commands, debuggee))[0]).toEqual(['share=']);
  });

  it('knows commands and their groups', async () => {
    expect(await at('cat')).toEqual(['catch']);
    expect(await at('info th')).toEqual(['threads']);
    expect(await at('set ')).toEqual(['skip', 'var']);
    expect(await at('help con')).toEqual(['condition', 'continue']);
  });

  it('knows the event names of the process, their parameters and fields', async () => {
    expect(await at('catch ')).toEqual(['hot-spot', 'net.send']);
    expect(await at('catch ne')).toEqual(['net.*', 'net.send']);
    expect(await at('catch hot-spot s')).toEqual(['share=']);
    expect(await at('catch net.send if l')).toEqual(['len']);
    expect(await at('info events hot')).toEqual(['hot-spot']);
  });

  it('knows numbers, threads, files and variables', async () => {
    await catchpoints.addCatchpoint({ pattern: 'net.send', request: {}, isTemporary: false });
    expect(await at('delete ')).toEqual(['1']);
    expect(await at('thread ')).toEqual(['1']);
    expect(await at('break ke')).toEqual(['keys.js:']);
    expect(await at('print ke')).toEqual([]);
    process.variables.set('locals of normalizeKey', [
      { name: 'key', value: { type: 'string', value: '' } },
    ]);
    process.stopFor(1, 'net.send', {});
    const stop = debuggee.board.nextUnshown();
    if (stop !== undefined) stop.isShown = true;
    expect(await at('print ke')).toEqual(['key']);
    expect(await at('print table[ke')).toEqual([]);
    expect(await at('print (ke')).toEqual(['key']);
  });
});
