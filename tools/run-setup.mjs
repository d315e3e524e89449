// Set-up of the checkout for tools/run.mjs: pnpm through npx, then an install from the lockfile,
// skipped while a stamp says that both are in place. Syntax of Node 18.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { workspacePackages } from './run-packages.mjs';
import { root } from './run-process.mjs';

const stampFile = join(root, 'node_modules/.extension-events.json');

/** Makes the checkout ready. @returns exit status, 0 when it is */
export async function setUp(runner, task) {
  const key = computeKey();
  const stamp = readStamp();
  if (stamp.key === key && existsSync(stamp.pnpm) && hasModules()) {
    runner.addToPath(dirname(stamp.pnpm));
    return 0;
  }
  console.error(`${task}: installing from the lockfile; the first time takes a while.`);
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const which = ['--yes', '--loglevel=error', '--package', packageManager, '-c', 'command -v pnpm'];
  const { status, output } = await runner.read('npx', which);
  if (status !== 0) {
    console.error(`npx could not provide ${packageManager}; is the registry within reach?`);
    return status;
  }
  const pnpm = output.trim();
  runner.addToPath(dirname(pnpm));
  const installed = await runner.quiet(pnpm, ['install', '--frozen-lockfile']);
  if (installed !== 0) return installed;
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, JSON.stringify({ key, pnpm }));
  return 0;
}

// Everything that an install depends on: lockfile, workspace settings and every package.json.
function computeKey() {
  const hash = createHash('sha256');
  const files = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json'].map((name) =>
    join(root, name),
  );
  for (const { manifest } of workspacePackages(root)) files.push(manifest);
  for (const file of files) hash.update(file).update(readFileSync(file));
  return hash.update(process.platform).update(process.arch).digest('hex');
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return { key: '', pnpm: '' }; // never set up, or the stamp is damaged: install again
  }
}

// `git clean` in one directory takes that package's links away while the stamp stays.
function hasModules() {
  return workspacePackages(root).every(({ directory, json }) => {
    const dependencies = { ...json.dependencies, ...json.devDependencies };
    return Object.keys(dependencies).every((name) =>
      existsSync(join(directory, 'node_modules', name)),
    );
  });
}
