import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Child, root } from './support-cli/child.ts';
import { extev, main } from './support-cli/extev.ts';

const commands = ['ls', 'events', 'listen', 'debug', 'plugins', 'doctor'];

describe('help and version', () => {
  it('shows examples first, on stdout', async () => {
    const { code, stderr, stdout } = await extev('--help');
    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^Examples:\n {2}extev ls/);
    for (const command of commands) expect(stdout).toContain(`\n  ${command} `);
  });

  it.each(commands)('shows examples first for %s', async (command) => {
    const { code, stdout } = await extev(command, '--help');
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Examples:\n {2}extev ${command}`));
  });

  it('knows `help listen` and -h too', async () => {
    const [long, short, word] = await Promise.all([
      extev('listen', '--help'),
      extev('listen', '-h'),
      extev('help', 'listen'),
    ]);
    expect(short.stdout).toBe(long.stdout);
    expect(word.stdout).toBe(long.stdout);
  });

  it('prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'apps/cli/package.json'), 'utf8')) as { version: string }; // prettier-ignore
    for (const option of ['--version', '-V'])
      expect(await extev(option)).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('shows the help on stderr when there is no command', async () => {
    const { code, stderr, stdout } = await extev();
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^Examples:/);
  });
});

describe('a command line that makes no sense', () => {
  it.each([
    [['listn'], 'Did you mean listen?'],
    [['ls', '--jsno'], 'Did you mean --json?'],
    [['ls', 'extra'], 'Give a pid, -p PID, -n NAME, or nothing.'],
    [['ls', '--', 'node'], 'Give a pid, -p PID, -n NAME, or nothing.'],
    [['plugins', '--', 'node'], 'Leave out what follows --.'],
    [['listen', '1', 'x', '--max-hit', '0'], 'See extev listen --help.'],
    [['listen', '1', 'x', '--timeout', '-5'], 'See extev listen --help.'],
    [['listen', '1', 'x', '--timeout', '2147483648'], 'See extev listen --help.'],
    [['listen', '1', 'x', '--stack=none'], 'See extev listen --help.'],
    [['listen', '-p', 'app', 'x'], 'See extev listen --help.'],
    [['listen', '-p', '1', '-p', '2', 'x'], 'See extev listen --help.'],
    [['run', '-e', '', '1'], "Write one: extev run -e 'probe net.send { print(len) }' 4242."],
    [['listen', 'net.*'], 'Give a pid, -n NAME, or -- command'],
    [['listen', '4242'], 'extev events PID shows the names'],
    [['listen', '4242', 'with blank'], 'Write a name such as net.send'],
    [['listen', '4242', 'x', '--', 'node'], 'Use one of PID, -p PID, -n NAME and -- command.'],
    [['listen', '-p', '1', '-n', 'app', 'x'], 'Use one of PID, -p PID, -n NAME and -- command.'],
    [['listen', 'x', '--'], '-- node app.js'],
    [['listen', '1', 'x', '--request', 'share'], '--request share=0.05'],
    [['events', '--', 'node', 'app.js'], 'extev listen PATTERN -- command'],
    [['doctor', '--', 'node'], 'Give a pid'],
    [['doctor', 'app.js'], 'Give a pid'],
    [['debug', '4242', 'hot-spot'], 'catch hot-spot'],
  ])('is refused with exit code 2 and a hint: extev %j', async (args, hint) => {
    const { code, stderr, stdout } = await extev(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^EE_(?:USAGE|PATTERN): .+\nhint: .+\n$/);
    expect(stderr).toContain(hint);
  });
});

describe('the checkout’s own command', () => {
  it('runs from any directory', async () => {
    await using child = new Child(join(root, 'tools/extev'), ['--version'], { cwd: tmpdir() });
    expect(await child.outcome).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('streams', () => {
  it('keeps quiet when the reader of stdout goes away', () => {
    const script = `"$0" "$1" --help | true; echo "\${PIPESTATUS[0]}"`;
    const { status, stderr, stdout } = spawnSync('bash', ['-c', script, process.execPath, main]);
    expect({ status, stderr: String(stderr), stdout: String(stdout) }).toEqual({ status: 0, stderr: '', stdout: '0\n' }); // prettier-ignore
  });

  it('says so when stdout cannot be written', () => {
    const script = `"$0" "$1" plugins --json > /dev/full`;
    const { status, stderr } = spawnSync('bash', ['-c', script, process.execPath, main]);
    expect(status).toBe(1);
    expect(String(stderr)).toMatch(/^EE_OUTPUT: .*ENOSPC.*\nhint: /);
  });
});
