// The main job on this version of Node, with the built packages: attach to a running process, break
// on its hot spot, see that it goes on.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));

const program = `
function innocentName(limit) {
  let sum = 0;
  for (let i = 0; i < limit; i++) {
    sum += Math.sqrt(i);
  }
  return sum;
}
setInterval(() => process.stdout.write(innocentName(3e6) > 0 ? '.' : '!'), 1);
process.stdin.on('data', () => process.exit(7));
`;

void test('breaks on the hot spot of a running process, which goes on and ends as it would', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'extev-matrix-'));
  const file = join(directory, 'program.cjs');
  const commands = join(directory, 'commands.extev');
  writeFileSync(file, program);
  writeFileSync(commands, 'catch hot-spot\ncontinue\nbt\ninfo locals\nstep\ncontinue &\ndetach\n');
  const target = spawn(process.execPath, ['--inspect-port=0', file], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  try {
    let output = '';
    target.stdout.on('data', (chunk) => (output += chunk));
    await once(target.stdout, 'data');
    const { code, transcript } = await run([
      cli,
      'debug',
      String(target.pid),
      '-x',
      commands,
      '--batch',
      '--timeout',
      '60000',
    ]);
    assert.equal(code, 0, transcript);
    assert.match(transcript, /Catchpoint 1, hot-spot/);
    assert.match(transcript, /#0 {2}innocentName \(limit=3000000\) at .*program\.cjs:\d/);
    const before = output.length;
    while (output.length <= before + 3) await once(target.stdout, 'data');
    target.stdin.write('end');
    const [exitCode] = await once(target, 'exit');
    assert.equal(exitCode, 7);
  } finally {
    target.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  }
});

async function run(args) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let transcript = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => (transcript += chunk));
  const [code] = await once(child, 'close');
  return { code, transcript };
}
