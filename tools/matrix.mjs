// Runs tools/matrix/*.test.mjs (node:test) against the built packages on every supported line of
// Node. The binaries come from npm and stay in .cache/nodes. The program under test and `extev` beside
// it run on that Node; one story has an `extev` on the Node that runs this.
//
//   npm run matrix [-- 22 26]     only these lines
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './run-process.mjs';

const versions = ['20.20.2', '22.23.3', '24.21.0', '26.10.0'];

const { positionals } = parseArgs({ allowPositionals: true });
const chosen = versions.filter(
  (version) =>
    positionals.length === 0 ||
    positionals.some((line) => version === line || version.startsWith(`${line}.`)),
);
const files = globSync('tools/matrix/*.test.mjs', { cwd: root });
const failed = [];
const list = (some) => (some.length === 0 ? 'none' : some.join(', '));

if (chosen.length === 0) {
  console.error(`matrix: none of ${versions.join(', ')} matches ${positionals.join(' ')}.`);
  process.exitCode = 2;
}
for (const version of chosen) {
  console.log(`\n# Node ${version}`);
  const node = install(version);
  const done = spawnSync(node, ['--test', '--test-reporter=spec', ...files], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    // The tests start `node` too: it has to be the one under test.
    env: {
      ...process.env,
      PATH: `${join(node, '..')}:${process.env.PATH}`,
      MATRIX_OTHER_NODE: process.execPath,
    },
  });
  if (done.error) throw done.error;
  if (done.status !== 0) failed.push(version);
}
if (chosen.length > 0) {
  const passed = chosen.filter((version) => !failed.includes(version));
  console.log(`\nmatrix: passed on ${list(passed)}; failed on ${list(failed)}`);
}
if (failed.length > 0) process.exitCode = 1;

function install(version) {
  const name = `node-linux-${process.arch}`;
  const directory = join(root, '.cache/nodes', version);
  const node = join(directory, 'node_modules', name, 'bin/node');
  if (existsSync(node)) return node;
  mkdirSync(directory, { recursive: true });
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  const args = ['install', '--loglevel=error', ...flags, '--prefix', directory];
  const done = spawnSync('npm', [...args, `${name}@${version}`], { stdio: 'inherit' });
  if (done.status !== 0 || !existsSync(node))
    throw new Error(`npm could not install Node ${version}`);
  return node;
}
