// Checks that packages stand on each other only as import-rules.mjs allows, in imports of any kind
// and in package.json, and that each published package carries what a user of it needs.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { allowedEdges, allowedLibraries, exceptions, withoutLibraries } from './import-rules.mjs';
import { scanImports } from './import-scan.mjs';
import { workspacePackages } from './run-packages.mjs';
import { root } from './run-process.mjs';

const scope = '@extension-events/';
const groups = ['dependencies', 'peerDependencies', 'optionalDependencies', 'devDependencies'];
const isTest = (path) => /\.test\.[cm]?[jt]s$|(^|\/)(test|testing|bench|fixtures)\//.test(path);

/** Does a name match a pattern with at most one `*`? */
export function matches(pattern, name) {
  const [head, tail] = pattern.split('*');
  if (tail === undefined) return pattern === name;
  return name.length >= head.length + tail.length && name.startsWith(head) && name.endsWith(tail);
}

/** `core` for packages/core, `apps/cli` for apps/cli: the names that the rules use. */
const ruleName = ({ path }) => path.replace(/^packages\//, '');

const mayUse = (from, to, door) =>
  Object.entries(allowedEdges).some(
    ([pattern, targets]) =>
      matches(pattern, from) &&
      targets.some((target) => matches(target, to) || (door !== '' && target === `${to}/${door}`)),
  );

/** Every problem of a workspace, one line each; and what was looked at. */
export function checkWorkspace(directory) {
  const packages = workspacePackages(directory);
  const names = new Map(packages.map((one) => [one.json.name, ruleName(one)]));
  const used = new Set();
  const problems = [];
  let files = 0;
  for (const one of packages) {
    const context = { one, from: ruleName(one), names, used, directory };
    problems.push(...checkManifest(context));
    if (one.json.private !== true) problems.push(...checkPublished(one));
    for (const file of sourcesOf(one)) {
      files += 1;
      problems.push(...checkFile(context, file));
    }
  }
  for (const { from, to, how } of exceptions) {
    const isHere = [...names.values()].includes(from);
    if (isHere && !used.has(`${from} ${to}`)) {
      problems.push(`import-rules.mjs: the exception ${from} → ${to} (${how}) is no longer needed`);
    }
  }
  return { problems, packages: packages.length, files };
}

function sourcesOf({ directory }) {
  return globSync('**/*.{ts,tsx,mts,mjs,js}', {
    cwd: directory,
    exclude: (name) => ['node_modules', 'dist', 'fixtures', '.turbo'].includes(name),
  }).map((name) => join(directory, name));
}

function checkManifest({ one, from, names, used }) {
  const problems = [];
  for (const group of groups) {
    for (const dependency of Object.keys(one.json[group] ?? {})) {
      const to = names.get(dependency);
      const where = `${one.path}/package.json ${group}`;
      if (to === undefined) {
        if (group !== 'devDependencies' && !mayUseLibrary(from, dependency)) {
          problems.push(`${where}: ${from} may not depend on ${dependency}`);
        }
      } else if (exceptions.some((debt) => debt.from === from && debt.to === to)) {
        used.add(`${from} ${to}`);
      } else if (!mayName(from, to)) problems.push(`${where}: ${from} → ${to} is not allowed`);
    }
  }
  return problems;
}

const mayName = (from, to) =>
  Object.entries(allowedEdges).some(
    ([pattern, targets]) =>
      matches(pattern, from) &&
      targets.some((target) => matches(target, to) || target.startsWith(`${to}/`)),
  );

function mayUseLibrary(from, library) {
  const places = allowedLibraries[library];
  if (places !== undefined) {
    return places.some((place) => matches(place, from) || place.startsWith(`${from}/`));
  }
  return !withoutLibraries.some((pattern) => matches(pattern, from));
}

function checkFile(context, file) {
  const path = relative(context.directory, file);
  const problems = [];
  for (const { specifier, line, how } of scanImports(readFileSync(file, 'utf8'))) {
    const problem = checkImport({ ...context, file, path, specifier, how });
    if (problem !== undefined) problems.push(`${path}:${line}: ${problem}`);
  }
  return problems;
}

function checkImport({ one, from, names, file, path, specifier, how }) {
  if (specifier.startsWith('.')) {
    const target = relative(one.directory, resolve(dirname(file), specifier));
    const isInside = !target.startsWith('..') || !one.path.startsWith('packages/');
    return isInside ? undefined : `${specifier} reaches out of the package; use the other's door`;
  }
  if (isBuiltin(specifier)) return undefined;
  const parts = specifier.split('/');
  const name = specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
  const door = specifier.slice(name.length + 1);
  const to = names.get(name);
  if (to !== undefined) return checkEdge({ from, to, door, how, specifier });
  if (how === 'string') return undefined;
  if (name.startsWith(scope)) return `${name} is no package of this workspace`;
  return checkLibrary({ one, from, path, name, how });
}

function checkEdge({ from, to, door, how, specifier }) {
  if (from === to || mayUse(from, to, door)) return undefined;
  const debt = exceptions.some((one) => one.from === from && one.to === to);
  if (debt && (how === 'resolve' || how === 'string')) return undefined;
  return `imports ${specifier}: ${from} → ${to} is not allowed`;
}

function checkLibrary({ one, from, path, name, how }) {
  if (isTest(path) || path === `${one.path}/build.mjs`) return undefined;
  const places = allowedLibraries[name];
  const inside = `${from}/${path.slice(one.path.length + 1)}`;
  if (places?.every((place) => !matches(place, from) && !matches(place, inside))) {
    return `${from} may not import ${name}`;
  }
  // A web page is built into one file, as what esbuild bundles is.
  const isPage = path.startsWith(`${one.path}/web/`);
  const isBundled = isPage || existsSync(join(one.directory, 'build.mjs'));
  const { dependencies, peerDependencies, optionalDependencies, devDependencies } = one.json;
  // Types are erased, and what esbuild bundles travels inside the built file.
  const declared = {
    ...dependencies,
    ...peerDependencies,
    ...optionalDependencies,
    ...(how === 'type' || isBundled ? devDependencies : {}),
  };
  return Object.hasOwn(declared, name)
    ? undefined
    : `imports ${name}, which package.json does not list for users`;
}

function checkPublished({ path, directory, json }) {
  const problems = [];
  const want = (isThere, what) => {
    if (!isThere) problems.push(`${path}: ${what}`);
  };
  const hasFile = (name) => existsSync(join(directory, name));
  want(json.name?.startsWith(scope), `the name must start with ${scope}`);
  want(hasFile('README.md'), 'README.md is missing');
  want(hasFile('LICENSE'), 'LICENSE is missing');
  want(json.description?.length > 20, 'package.json needs a description of a sentence');
  want(json.license === 'MIT', 'package.json needs "license": "MIT"');
  want(json.files?.includes('dist'), 'package.json needs "files" with dist');
  want(json.files?.includes('!src/**/*.test.ts'), 'package.json "files" must leave tests out');
  want(json.engines?.node === '>=20.19.0', 'package.json needs "engines": node >=20.19.0');
  want(
    json.keywords?.includes('extension-events'),
    'package.json needs the keyword extension-events',
  );
  want(
    globSync('src/**/*.test.ts', { cwd: directory }).length > 0,
    'no test stands beside the code (src/**/*.test.ts)',
  );
  return problems;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { problems, packages, files } = checkWorkspace(root);
  for (const problem of problems) console.error(problem);
  const count = problems.length === 0 ? 'no problem' : `${problems.length} problem(s)`;
  console.log(`check-imports: ${packages} packages, ${files} files, ${count}`);
  if (problems.length > 0) process.exitCode = 1;
}
