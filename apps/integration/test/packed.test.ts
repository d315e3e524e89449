import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Child, fixture, startFixture } from './support-cli/child.ts';
import { readLines } from './support-cli/extev.ts';
import {
  installedIn,
  installInto,
  makeDirectory,
  type Packed,
  packAll,
  publishedDirectories,
  readManifest,
} from './support-cli/packed.ts';

const names = publishedDirectories().map((directory) => readManifest(directory).name);
const scope = '@extension-events/';
const directories: string[] = [];
let packed: Map<string, Packed> = new Map();

beforeAll(async () => {
  packed = await packAll(newDirectory('packed'));
});
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true });
});

function newDirectory(name: string): string {
  const directory = makeDirectory(name);
  directories.push(directory);
  return directory;
}

/** Installs packages into an empty project and puts a program there. */
async function project(packages: readonly string[], program?: string): Promise<string> {
  const directory = newDirectory('app');
  await installInto(directory, packed, packages);
  if (program !== undefined)
    writeFileSync(join(directory, program), readFileSync(fixture(`packed/${program}`)));
  return directory;
}

function node(cwd: string, ...args: string[]): Child {
  return new Child(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
}

describe.each(names)('the tarball of %s', (name) => {
  it('has a README and a LICENSE, and no tests', () => {
    const { files = [] } = packed.get(name) ?? {};
    expect(files).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'package.json']));
    const tests = files.filter((file) => /\.test\.|(^|\/)test-|(^|\/)fixtures\//.test(file));
    expect(tests).toEqual([]);
  });

  it('names real versions: nothing of the workspace is left', () => {
    const { dependencies = {}, peerDependencies = {} } = packed.get(name)?.manifest ?? {};
    const wrong = Object.entries({ ...dependencies, ...peerDependencies }).filter(([, range]) => /workspace:|catalog:|file:|link:/.test(range)); // prettier-ignore
    expect(wrong).toEqual([]);
  });

  it('takes any peer of the same major release', () => {
    const { peerDependencies = {} } = packed.get(name)?.manifest ?? {};
    const wrong = Object.entries(peerDependencies).filter(([peer, range]) => peer.startsWith(scope) && range !== '>=0.0.0 <1.0.0'); // prettier-ignore
    expect(wrong).toEqual([]);
  });

  it('has every file that its exports name', () => {
    const { files = [], manifest } = packed.get(name) ?? {};
    const targets = Object.values(manifest?.exports ?? {}).flatMap((entry) => typeof entry === 'string' ? [entry] : Object.values(entry)); // prettier-ignore
    expect(targets.length).toBeGreaterThan(0);
    for (const target of targets) expect(files).toContain(target.replace('./', ''));
  });
});

describe('packages installed from tarballs', () => {
  it('work: core alone posts and listens', async () => {
    const directory = await project([`${scope}core`], 'core-alone.mjs');
    expect(installedIn(directory)).toEqual(['core']);
    expect(await node(directory, 'core-alone.mjs').outcome).toMatchObject({ code: 0, stdout: 'cache.evict k0 0\nheard 101\n', stderr: '' }); // prettier-ignore
  });

  it('work: core, a producer and session hear a hot spot of their own process', async () => {
    const packages = ['core', 'producer-hot-spot', 'session'].map((name) => scope + name);
    const directory = await project(packages, 'own-hot-spot.mjs');
    expect(await node(directory, 'own-hot-spot.mjs').outcome).toMatchObject({ code: 0, stdout: 'hot-spot addSquares true\n', stderr: '' }); // prettier-ignore
  });

  it('work: the command line attaches to a running process and catches its hot spot', async () => {
    const directory = await project([`${scope}cli`]);
    const extev = join(directory, 'node_modules/.bin/extev');
    await using busy = startFixture('busy.mjs');
    await busy.says('ready');
    const pid = String(busy.pid);
    const heard = await new Child(extev, ['listen', pid, 'hot-spot', '--max-hit', '1', '--json'], { cwd: directory }).outcome; // prettier-ignore
    expect(heard).toMatchObject({ code: 0 });
    expect(readLines(heard.stdout)[0]).toMatchObject({ event: 'hot-spot', payload: { function: 'countPrimes' } }); // prettier-ignore
    const caught = await new Child(extev, ['debug', pid, '-x', fixture('hot.extev'), '--batch'], { cwd: directory }).outcome; // prettier-ignore
    expect(caught.stdout).toMatch(/#0 .*countPrimes/);
    expect(caught.code).toBe(0);
    expect(busy.process.exitCode).toBeNull();
  });
});

describe('all packages together', () => {
  let directory = '';
  beforeAll(async () => {
    directory = await project(names, 'consumer.ts');
  });

  it('resolve at every door, and do nothing when they are imported', async () => {
    // `register` is there to act.
    const doors = [...packed.values()].flatMap(({ manifest, name }) =>
      Object.keys(manifest.exports ?? {})
        .filter((door) => !['./package.json', './register'].includes(door))
        .map((door) => name + door.slice(1)),
    );
    expect(doors).toContain(`${scope}producer-hot-spot/inject`);
    // Whoever asks about colours, as node:assert does, takes hold of the standard streams.
    const program = `
      const streams = ['PipeWrap', 'TTYWrap', 'FSReqCallback'];
      const look = () => JSON.stringify([
        Object.keys(globalThis),
        process.eventNames(),
        process.getActiveResourcesInfo().filter((name) => !streams.includes(name)),
      ]);
      const before = look();
      for (const door of ${JSON.stringify(doors)}) await import(door);
      const after = look();
      if (before !== after) console.log(before, after);`;
    writeFileSync(join(directory, 'import-all.mjs'), program);
    expect(await node(directory, 'import-all.mjs').outcome).toMatchObject({ code: 0, stdout: '', stderr: '' }); // prettier-ignore
  });

  it('have types that a strict TypeScript program resolves', async () => {
    const require = createRequire(import.meta.url);
    const compilerOptions = {
      module: 'nodenext',
      target: 'es2023',
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      types: ['node'],
      typeRoots: [dirname(dirname(require.resolve('@types/node/package.json')))],
    };
    const settings = { compilerOptions, files: ['consumer.ts'] };
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(settings));
    const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
    expect(existsSync(tsc)).toBe(true);
    expect(await node(directory, tsc, '-p', '.').outcome).toMatchObject({ code: 0, stdout: '' });
  });
});
