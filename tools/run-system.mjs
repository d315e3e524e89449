// Programs of the system that the tests drive: gdb, a compiler for the fixtures, a symbolizer, a browser. Root
// on a Debian-like machine gets what is missing; elsewhere the tests that need them say so and are
// skipped. Syntax of Node 18.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const programs = {
  gdb: 'gdb',
  gcc: 'gcc',
  'g++': 'g++',
  addr2line: 'binutils',
  'c++filt': 'binutils',
  chromium: 'chromium',
};
/** Without it gdb shows no source for the C library; nothing but its file tells that it is there. */
const debugSymbols = { file: '/usr/lib/debug/.build-id', package: 'libc6-dbg' };

/** Installs what is missing when that is possible. Never fails: the tests tell what they miss. */
export async function provideSystem(runner, { find = isOnPath, exists = isThere } = {}) {
  const missing = new Set(
    Object.entries(programs)
      .filter(([program]) => !find(program))
      .map(([, name]) => name),
  );
  if (missing.size > 0 && missing.has('gcc')) missing.add('libc6-dev');
  if (!exists(debugSymbols.file)) missing.add(debugSymbols.package);
  if (missing.size === 0) return;
  const names = [...missing];
  if (process.getuid === undefined || process.getuid() !== 0 || !find('apt-get')) {
    console.error(`test: not here, and not installed for lack of root or apt: ${names.join(', ')}`);
    return;
  }
  console.error(`test: installing ${names.join(', ')}`);
  const install = `apt-get -qq update; DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends ${names.join(' ')}`;
  if ((await runner.quiet('sh', ['-c', install])) !== 0)
    console.error('test: that failed; the tests that need them are skipped.');
}

function isOnPath(program) {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function isThere(path) {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}
