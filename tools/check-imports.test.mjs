import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { checkWorkspace, matches } from './check-imports.mjs';
import { scanImports, withoutComments } from './import-scan.mjs';

const name = (short) => `@extension-events/${short}`;
const list = (source) =>
  scanImports(source).map(({ specifier, line, how }) => `${line} ${how} ${specifier}`);

describe('the import scanner', () => {
  it('finds every form of import', () => {
    const source = [
      "import { a } from '@extension-events/core';",
      "import type { B } from 'devtools-protocol';",
      "import './side.ts';",
      "export { c } from '../c.ts';",
      "export * from './d.ts';",
      'import e, {\n  f,\n} from "node:fs";',
      "const g = await import('@extension-events/agent');",
      "const h = require('ws');",
      "const i = import.meta.resolve('@extension-events/agent/package.json');",
      "load('@extension-events/session');",
    ].join('\n');
    expect(list(source)).toEqual([
      '1 import @extension-events/core',
      '2 type devtools-protocol',
      '3 import ./side.ts',
      '4 import ../c.ts',
      '5 import ./d.ts',
      '8 import node:fs',
      '9 dynamic @extension-events/agent',
      '10 dynamic ws',
      '11 resolve @extension-events/agent/package.json',
      '12 string @extension-events/session',
    ]);
  });

  it('leaves comments and ordinary strings alone', () => {
    const source = [
      "// import { a } from '@extension-events/core';",
      "/* import 'x'; */ const url = 'https://example.org/a';",
      "const hint = 'npm install @extension-events/core';",
      "const declared = 'exports';",
    ].join('\n');
    expect(list(source)).toEqual([]);
    expect(withoutComments("f('//'); // x")).toBe("f('//');     ");
  });
});

describe('a rule pattern', () => {
  it('matches with one star', () => {
    expect(matches('producer-*', 'producer-hot-spot')).toBe(true);
    expect(matches('producer-*', 'platform-v8')).toBe(false);
    expect(matches('*', 'core')).toBe(true);
    expect(matches('core', 'cores')).toBe(false);
  });
});

describe('the workspace check', () => {
  const made = [];
  afterEach(() => {
    for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
  });

  function workspace(packages) {
    const directory = mkdtempSync(join(tmpdir(), 'extension-events-imports-'));
    made.push(directory);
    for (const group of ['packages', 'apps', 'tools']) mkdirSync(join(directory, group));
    for (const [path, { files = {}, ...more }] of Object.entries(packages)) {
      const manifest = {
        name: name(path.split('/')[1]),
        description: 'A package that a test made up.',
        license: 'MIT',
        keywords: ['extension-events'],
        engines: { node: '>=20.19.0' },
        files: ['dist', 'src', '!src/**/*.test.ts'],
        ...more,
      };
      const all = {
        'package.json': JSON.stringify(manifest),
        'README.md': '# x',
        LICENSE: 'MIT',
        'src/index.test.ts': '',
        ...files,
      };
      for (const [file, text] of Object.entries(all)) {
        if (text === undefined) continue;
        mkdirSync(dirname(join(directory, path, file)), { recursive: true });
        writeFileSync(join(directory, path, file), text);
      }
    }
    return checkWorkspace(directory).problems;
  }
  const core = {};

  it('is content with allowed edges', () => {
    const problems = workspace({
      'packages/core': core,
      'packages/producer-a': {
        peerDependencies: { [name('core')]: '*' },
        files: { 'src/index.ts': `import { x } from '${name('core')}';\nimport './b.ts';` },
      },
    });
    expect(problems).toEqual([]);
  });

  it('refuses a producer that knows another, in code and in package.json', () => {
    const problems = workspace({
      'packages/core': core,
      'packages/producer-a': {
        devDependencies: { [name('producer-b')]: '*' },
        files: { 'src/a.test.ts': `const b = await import('${name('producer-b')}');` },
      },
      'packages/producer-b': {},
    });
    expect(problems).toEqual([
      'packages/producer-a/package.json devDependencies: producer-a → producer-b is not allowed',
      `packages/producer-a/src/a.test.ts:1: imports ${name('producer-b')}: producer-a → producer-b is not allowed`,
    ]);
  });

  it('keeps core free of packages and libraries', () => {
    const problems = workspace({
      'packages/core': {
        dependencies: { ws: '1' },
        files: {
          'src/index.ts': `import '${name('protocol')}';\nimport { of } from 'rxjs';`,
          'src/rx.ts': "import { of } from 'rxjs';",
        },
        peerDependencies: { rxjs: '7' },
      },
      'packages/protocol': {},
    });
    expect(problems).toEqual([
      'packages/core/package.json dependencies: core may not depend on ws',
      `packages/core/src/index.ts:1: imports ${name('protocol')}: core → protocol is not allowed`,
      'packages/core/src/index.ts:2: core may not import rxjs',
    ]);
  });

  it('opens one door of a package and no other', () => {
    const problems = workspace({
      'packages/script': {},
      'packages/session': {
        dependencies: { [name('script')]: '*' },
        files: {
          'src/index.ts': `import '${name('script')}/expression';\nimport '${name('script')}/run';`,
        },
      },
    });
    expect(problems).toEqual([
      `packages/session/src/index.ts:2: imports ${name('script')}/run: session → script is not allowed`,
      'import-rules.mjs: the exception session → agent (package.json) is no longer needed',
    ]);
  });

  it('lets session resolve a file of agent and refuses to import it', () => {
    const problems = workspace({
      'packages/agent': {},
      'packages/session': {
        dependencies: { [name('agent')]: '*' },
        files: {
          'src/files.ts': `import.meta.resolve('${name('agent')}/package.json');`,
          'src/index.ts': `import { start } from '${name('agent')}';`,
        },
      },
    });
    expect(problems).toEqual([
      `packages/session/src/index.ts:1: imports ${name('agent')}: session → agent is not allowed`,
    ]);
  });

  it('refuses a path into another package and an undeclared library', () => {
    const problems = workspace({
      'packages/core': core,
      'packages/platform-x': {
        devDependencies: { types: '1' },
        files: {
          'src/index.ts':
            "import '../../core/src/index.ts';\nimport 'ws';\nimport type { T } from 'types';",
        },
      },
    });
    expect(problems).toEqual([
      "packages/platform-x/src/index.ts:1: ../../core/src/index.ts reaches out of the package; use the other's door",
      'packages/platform-x/src/index.ts:2: imports ws, which package.json does not list for users',
    ]);
  });

  it('asks of a published package what its users need', () => {
    const bare = {
      files: { 'README.md': undefined, LICENSE: undefined, 'src/index.test.ts': undefined },
    };
    expect(workspace({ 'packages/core': bare })).toEqual([
      'packages/core: README.md is missing',
      'packages/core: LICENSE is missing',
      'packages/core: no test stands beside the code (src/**/*.test.ts)',
    ]);
    expect(workspace({ 'packages/core': { ...bare, private: true } })).toEqual([]);
    const problems = workspace({
      'packages/core': {
        description: 'x',
        license: 'ISC',
        keywords: [],
        engines: {},
        files: { LICENSE: 'x' },
      },
    });
    expect(problems).toHaveLength(4);
  });
});
