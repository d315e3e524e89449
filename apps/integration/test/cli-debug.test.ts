import { describe, expect, it } from 'vitest';
import { exists, fixture, startFixture } from './support-cli/child.ts';
import { extev, startExtev } from './support-cli/extev.ts';

/** Where it stands after a stop at these catchpoints. */
function luckyStop(catchpoints: string): RegExp {
  return new RegExp(`^Catchpoints ${catchpoints}, lucky13 in thread 1 .*\\n  len = 13\\n#0  sendReport \\(length=13\\)`, 'm'); // prettier-ignore
}

describe('extev debug', () => {
  it('breaks on a hot spot by a file of commands, and leaves the program running', async () => {
    await using busy = startFixture('busy.mjs');
    await busy.says('ready');
    const { code, stdout } = await extev('debug', String(busy.pid), '-x', fixture('hot.extev'), '--batch'); // prettier-ignore
    expect(stdout).toMatch(/^Attached to process \d+/);
    expect(stdout).toContain('catch hot-spot');
    expect(stdout).toMatch(/#0 .*countPrimes/);
    expect(stdout).toMatch(/Detached from process \d+; it goes on\.\n$/);
    expect(code).toBe(0);
    expect(busy.process.exitCode).toBeNull();
  });

  it('takes commands from a pipe, and fails at the first that fails', async () => {
    await using plain = startFixture('plain.mjs');
    await plain.says('ready');
    await using debug = startExtev(['debug', '-n', 'plain.mjs', '-p', String(plain.pid)]);
    expect((await debug.outcome).code).toBe(2); // two targets
    await using piped = startExtev(['debug', String(plain.pid)]);
    piped.process.stdin?.end('info threads\nno-such-command\ninfo threads\n');
    const { code, stderr } = await piped.outcome;
    expect(code).toBe(1);
    expect(stderr).toContain('stdin:2');
    expect(stderr).toContain('EE_COMMAND_UNKNOWN');
  });

  it('shows the code of the program and of Node, and none of what was put into it', async () => {
    await using sender = startFixture('sender.mjs');
    await sender.says('ready');
    await using debug = startExtev(['debug', '--batch', String(sender.pid)]);
    // The second is the program's own handler of what has arrived, below the probe.
    const commands = ['catch net.receive', 'continue', 'bt', 'delete', 'tbreak sender.mjs:7:70', 'continue', 'bt', 'quit']; // prettier-ignore
    debug.process.stdin?.end(`${commands.join('\n')}\n`);
    const { code, stdout } = await debug.outcome;
    expect(code).toBe(0);
    expect(stdout).toContain('stopped in place');
    const [, inPlace, inHandler] = stdout.split('(extev) bt\n');
    expect(inPlace).toMatch(/^#0 {2}onStreamRead at node:internal/);
    expect(inHandler).toMatch(/^#0 .* at .*sender\.mjs:7:\d+\n(?:#\d.*\n)*#\d+ {2}onStreamRead /);
    expect(stdout).not.toMatch(/extension-events:|stopSentinel|net-probes/);
  });

  it('stops once for an event and for another that a script throws inside its post', async () => {
    await using sender = startFixture('sender.mjs');
    await sender.says('ready');
    await using script = startExtev(['run', '-e', 'event lucky13 { len: u32 } probe net.send if (len == 13) { throw event lucky13 { len = len }; }', '-p', String(sender.pid)]); // prettier-ignore
    await script.says('runs in process');
    await using debug = startExtev(['debug', '--batch', String(sender.pid)]);
    // It stands while they are set.
    const commands = ['interrupt', 'tcatch lucky13', 'tcatch net.send if len == 13', 'continue', 'info catchpoints', 'catch net.send if len == 13', 'catch lucky13', 'continue', 'quit']; // prettier-ignore
    debug.process.stdin?.end(`${commands.join('\n')}\n`);
    const { code, stdout } = await debug.outcome;
    expect(code).toBe(0);
    expect(stdout).toMatch(luckyStop('1 and 2'));
    expect(stdout).toContain('No catchpoints or breakpoints.');
    expect(stdout).toMatch(luckyStop('3 and 4'));
  });

  it('starts a program, catches its first event, and ends it again', async () => {
    const command = ['--', process.execPath, fixture('starter.mjs'), '13', 'stay'];
    await using debug = startExtev(['debug', '--batch', ...command]);
    debug.process.stdin?.end('catch story.prime\ncontinue\nprint n\nquit\n');
    const { code, stderr, stdout } = await debug.outcome;
    expect(stdout).toMatch(/story\.prime/);
    expect(stdout).toMatch(/^.*= 1$/m);
    expect(code).toBe(0);
    expect(exists(Number(/ending process (\d+)/.exec(stderr)?.[1]))).toBe(false);
  });

  it('says that the program has ended, with status 0', async () => {
    const command = ['--', process.execPath, fixture('starter.mjs'), '3', '4'];
    await using debug = startExtev(['debug', '--batch', ...command]);
    debug.process.stdin?.end('catch story.never\ncontinue\n');
    const { code, stdout } = await debug.outcome;
    expect(stdout).toMatch(/exited with (?:status|code) 4/);
    expect(code).toBe(0);
  });

  it('says that a program which is killed has ended, and not that it goes on', async () => {
    await using busy = startFixture('busy.mjs');
    await busy.says('ready');
    await using debug = startExtev(['debug', '--batch', String(busy.pid)]);
    debug.process.stdin?.end('catch story.never\ncontinue\n');
    await debug.says('Catchpoint 1');
    busy.process.kill('SIGKILL');
    const { code, stdout } = await debug.outcome;
    expect(stdout).toContain(`process ${busy.pid} has ended`);
    expect(stdout).not.toContain('goes on');
    expect(code).toBe(0);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('leaves in good order on %s', async (signal) => {
    await using busy = startFixture('busy.mjs');
    await busy.says('ready');
    await using debug = startExtev(['debug', String(busy.pid)]);
    debug.tell('catch hot-spot');
    debug.tell('continue');
    await debug.says('#0');
    debug.process.kill(signal);
    const { code, stdout } = await debug.outcome;
    expect(code).toBe(130);
    expect(stdout).toMatch(/Detached from process \d+; it goes on\.\n$/);
    expect(busy.process.exitCode).toBeNull();
  });
});
