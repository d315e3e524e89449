import { describe, expect, it } from 'vitest';
import { exists, fixture, until } from './support-cli/child.ts';
import { extev, readLines, startExtev } from './support-cli/extev.ts';

const starter = [process.execPath, fixture('starter.mjs')];

describe('extev listen … -- command', () => {
  it('hears the program from its first event on, and says how it ended', async () => {
    const { code, stderr, stdout } = await extev('listen', 'story.prime', '--json', '--', ...starter, '1009', '7'); // prettier-ignore
    expect(code).toBe(0);
    const lines = readLines(stdout);
    expect(lines.pop()).toEqual({ v: 1, summary: { matched: 1009, delivered: 1009, lost: 0, throttled: 0 } }); // prettier-ignore
    expect(lines.map((line) => line['seq'])).toEqual(Array.from({ length: 1009 }, (_, i) => i + 1));
    expect(stderr).toContain('output of the program\n'); // talk: stdout is for data
    expect(stderr).toMatch(/starter\.mjs 1009 7 \(process \d+\) exited with status 7\n$/);
  });

  it('ends the program when enough was heard', async () => {
    const { code, stderr, stdout } = await extev('listen', 'story.prime', '--max-hit', '3', '--', ...starter, '13', 'stay'); // prettier-ignore
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(3);
    expect(exists(pidIn(stderr))).toBe(false);
  });

  it('ends the program on Ctrl-C, with 130 after the summary', async () => {
    await using listener = startExtev(['listen', 'story.prime', '--json', '--', ...starter, '13', 'stay']); // prettier-ignore
    await until(() => listener.stdout.includes('"seq":13'));
    listener.process.kill('SIGINT');
    const { code, stderr, stdout } = await listener.outcome;
    expect(code).toBe(130);
    expect(readLines(stdout).at(-1)).toMatchObject({ summary: { matched: 13, delivered: 13 } });
    expect(exists(pidIn(stderr))).toBe(false);
  });

  it('hears the first Node.js program of a script, which goes on to its end', async () => {
    const run = `"${process.execPath}" "${fixture('starter.mjs')}"`;
    const script = `${run} 5 & first=$!; wait $first; ${run} 3; ${run} 3 & ${run} 3 & wait; echo all is done; exit 6`;
    const { code, stderr, stdout } = await extev('listen', 'story.prime', '--json', '--', 'sh', '-c', script); // prettier-ignore
    expect(code).toBe(0);
    expect(readLines(stdout).at(-1)).toMatchObject({ summary: { matched: 5, delivered: 5 } });
    const pid = /^listening to process (\d+), the first Node\.js program that sh -c /m.exec(stderr)?.[1]; // prettier-ignore
    expect(stderr).toContain(`process ${pid} exited with status 0\n`);
    expect(stderr.match(/^output of the program$/gm)).toHaveLength(4);
    expect(stderr).toMatch(/^all is done$[^]*\(process \d+\) exited with status 6\n$/m);
  });

  it('does not wait for a script whose program has ended when it is asked to end', async () => {
    const script = `"${process.execPath}" "${fixture('starter.mjs')}" 3; sleep 1000 & echo "sleeps as $!." >&2; wait`;
    await using listener = startExtev(['listen', 'story.prime', '--json', '--', 'sh', '-c', script]); // prettier-ignore
    // Its text stands in what is said of it, too.
    await until(() => /^sleeps as \d/m.test(listener.stderr));
    await listener.says('goes on; what it starts now is not heard');
    listener.process.kill('SIGINT');
    const { code, stderr, stdout } = await listener.outcome;
    expect(code).toBe(130);
    expect(readLines(stdout).at(-1)).toMatchObject({ summary: { matched: 3 } });
    expect(exists(Number(/sleeps as (\d+)/.exec(stderr)?.[1]))).toBe(false);
  });

  it('passes over programs of a script in which nothing of ours is loaded', async () => {
    const run = `"${process.execPath}" "${fixture('starter.mjs')}"`;
    const { code, stdout } = await extev('listen', 'story.prime', '--json', '--', 'sh', '-c', `NODE_OPTIONS= ${run} 5; ${run} 3`); // prettier-ignore
    expect(code).toBe(0);
    expect(readLines(stdout).at(-1)).toMatchObject({ summary: { matched: 3, delivered: 3 } });
  });

  it('passes npm over, and hears the program that it runs', async () => {
    const script = `"${process.execPath}" "${fixture('starter.mjs')}" 5`;
    for (const command of [
      ['npx', '--yes', '-c', script],
      ['sh', '-c', `npx --yes -c '${script}'; true`],
    ]) {
      const { code, stderr, stdout } = await extev('listen', 'story.prime', '--json', '--', ...command); // prettier-ignore
      expect(code).toBe(0);
      expect(readLines(stdout).at(-1)).toMatchObject({ summary: { matched: 5, delivered: 5 } });
      expect(stderr).toContain('output of the program\n');
    }
  });

  it('ends what a wrapper started, too', async () => {
    const script = `sleep 1000 & echo "sleeps as $!." >&2; wait`;
    const { code, stderr } = await extev('listen', 'story.prime', '--', 'bash', '-c', script);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^EE_COMMAND_NOT_NODE: .*\nhint: .*-- node app\.js/m);
    expect(exists(Number(/sleeps as (\d+)/.exec(stderr)?.[1]))).toBe(false);
  });

  it('says when the program killed itself', async () => {
    const script = `setTimeout(() => process.kill(process.pid, 'SIGKILL'), 10)`;
    const { code, stderr } = await extev('listen', 'story.*', '--', process.execPath, '-e', script);
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /\(process \d+\) was killed by SIGKILL; its last events may be missing\n$/,
    );
  });

  it.each([
    ['a command that is not there', ['/no/such/program'], /^EE_COMMAND_START: .*ENOENT.*\nhint: /],
    ['a program that ends at once', ['sh', '-c', 'exit 0'], /^EE_COMMAND_ENDED: sh -c exit 0 .* exited with status 0 .*\nhint: /], // prettier-ignore
    ['a Node that refuses its options', [process.execPath, '--no-such-option'], /^EE_COMMAND_ENDED: .* exited with status 9 .*\nhint: /m], // prettier-ignore
  ])('refuses %s with a code and a hint', async (_what, command, expected) => {
    const { code, stderr, stdout } = await extev('listen', 'story.prime', '--', ...command);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(expected);
  });

  it('leaves no program behind when the agent refuses the listen', async () => {
    const { code, stderr } = await extev('listen', 'story.prime', '--thread', '99', '--', ...starter, '3', 'stay'); // prettier-ignore
    expect(code).toBe(1);
    expect(stderr).toMatch(/^EE_THREAD_UNKNOWN: .*\nhint: /m);
    expect(exists(pidIn(stderr))).toBe(false);
  });
});

function pidIn(stderr: string): number {
  return Number(/ending process (\d+)/.exec(stderr)?.[1]);
}
