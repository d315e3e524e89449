import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './child.ts';

const run = promisify(execFile);

/** The parts of a package.json that the tests look at. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly exports?: Record<string, string | Record<string, string>>;
  readonly dependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
}

/** A package as it would be published. */
export interface Packed {
  readonly name: string;
  readonly tarball: string;
  readonly manifest: Manifest;
  /** Paths inside the tarball. */
  readonly files: readonly string[];
}

export function readManifest(directory: string): Manifest {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest;
}

/** Directories of the packages that are published. */
export function publishedDirectories(): string[] {
  return ['packages', 'apps']
    .flatMap((group) => readdirSync(join(root, group)).map((name) => join(root, group, name)))
    .filter((directory) => existsSync(join(directory, 'package.json')))
    .filter((directory) => readManifest(directory).private !== true);
}

/** A directory outside the workspace; the operating system clears it away. */
export function makeDirectory(name: string): string {
  return mkdtempSync(join(tmpdir(), `extension-events-${name}-`));
}

/** Packs every published package. */
export async function packAll(destination: string): Promise<Map<string, Packed>> {
  const packed = new Map<string, Packed>();
  const [file, ...args] = pnpmCommand();
  for (const directory of publishedDirectories()) {
    const into = join(destination, readManifest(directory).name.replaceAll('/', '-'));
    mkdirSync(into);
    await run(file ?? '', [...args, 'pack', '--pack-destination', into], { cwd: directory });
    const [tarball = ''] = readdirSync(into).map((name) => join(into, name));
    const { stdout: list } = await run('tar', ['-tzf', tarball]);
    const { stdout: json } = await run('tar', ['-xOzf', tarball, 'package/package.json']);
    const manifest = JSON.parse(json) as Manifest;
    const files = list.split('\n').filter(Boolean).map((path) => path.replace(/^package\//, '')); // prettier-ignore
    packed.set(manifest.name, { name: manifest.name, tarball, manifest, files });
  }
  return packed;
}

// Inside `npm test` pnpm is on PATH; else the set-up has left a note where it is, or npx knows.
function pnpmCommand(): string[] {
  const names = (process.env['PATH'] ?? '').split(delimiter).map((path) => join(path, 'pnpm'));
  const present = names.find((path) => existsSync(path));
  if (present !== undefined) return [present];
  try {
    const note = readFileSync(join(root, 'node_modules/.extension-events.json'), 'utf8');
    const { pnpm } = JSON.parse(note) as { pnpm: string };
    if (existsSync(pnpm)) return [pnpm];
  } catch {
    // the checkout was set up by hand
  }
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { packageManager: string }; // prettier-ignore
  return ['npx', '--yes', packageManager];
}

/**
 * Makes an empty npm project whose only dependencies are these packages. What they depend on in turn
 * is found as from a registry, in the tarballs: a dependency that a manifest does not name is missing.
 */
export async function installInto(
  directory: string,
  packed: ReadonlyMap<string, Packed>,
  names: readonly string[],
): Promise<void> {
  const file = (name: string): string => `file:${packed.get(name)?.tarball ?? name}`;
  const manifest = {
    name: 'an-app',
    private: true,
    type: 'module',
    dependencies: Object.fromEntries(names.map((name) => [name, file(name)])),
    overrides: Object.fromEntries([...packed.keys()].filter((name) => !names.includes(name)).map((name) => [name, file(name)])), // prettier-ignore
  };
  writeFileSync(join(directory, 'package.json'), JSON.stringify(manifest, null, 2));
  const options = ['--prefix', directory, '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts']; // prettier-ignore
  await run('npm', ['install', ...options], { cwd: directory });
}

/** Packages of the family that are installed there. */
export function installedIn(directory: string): string[] {
  return readdirSync(join(directory, 'node_modules/@extension-events')).toSorted();
}
