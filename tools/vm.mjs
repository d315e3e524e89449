// Runs the tests of hardware breakpoints in a machine that QEMU emulates in software, where debug
// registers work: many hypervisors take them and never report a hit. The guest is a Debian kernel
// over this machine's own files, read-only, so that programs and paths are the same; its clock counts
// instructions, so that it is no slow machine by its own lights. Takes the better part of an hour.
//
//   npm run vm [-- FILTERS of vitest]
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'; // prettier-ignore
import { basename, join, relative } from 'node:path';
import { root } from './run-process.mjs';

const tests = [
  'packages/producer-hw-breakpoint/src',
  'packages/platform-linux/src/perf',
  'packages/producer-breakpoint/src/native/real-process.test.ts',
  'packages/producer-hot-spot/src/real-native.test.ts',
  'apps/integration/test/both-worlds.test.ts',
  'apps/integration/test/native-start.test.ts',
  'apps/integration/test/native-debug.test.ts',
  'apps/integration/test/ordinary-user.test.ts',
];
const qemu = 'qemu-system-x86_64';
const directory = join(root, '.cache/vm');
const files = join(directory, 'files');
const shared = join(directory, 'shared');
// In the order of their dependencies.
const modules = [
  'drivers/virtio/virtio_ring',
  'drivers/virtio/virtio',
  'drivers/virtio/virtio_pci_modern_dev',
  'drivers/virtio/virtio_pci_legacy_dev',
  'drivers/virtio/virtio_pci',
  'fs/netfs/netfs',
  'fs/fscache/fscache',
  'net/9p/9pnet',
  'net/9p/9pnet_virtio',
  'fs/9p/9p',
];

const missing = provide();
if (missing === undefined) {
  prepare(process.argv.slice(2));
  process.exitCode = await boot();
} else {
  console.log(`vm: skipped, ${missing}`);
}

/** Fetches QEMU and a kernel once. @returns why that is not possible */
function provide() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'it needs Linux on x86-64.';
  if (/^\/(dev|proc|run|sys|tmp|var)\//.test(root)) return `the guest has files of its own where ${root} is.`; // prettier-ignore
  if (!has('apt-get') || !has('dpkg-deb')) return 'it needs apt, for a kernel of Debian.';
  if (!has(qemu)) {
    if (process.getuid() !== 0) return 'it needs qemu-system-x86, or root to install it.';
    console.log('vm: installing qemu-system-x86');
    sh('apt-get -qq update; apt-get -qq install -y --no-install-recommends qemu-system-x86');
    if (!has(qemu)) return 'qemu-system-x86 could not be installed.';
  }
  if (kernel() !== undefined) return undefined;
  console.log('vm: fetching a kernel');
  mkdirSync(files, { recursive: true });
  const image = /Depends: (linux-image-\S+)/.exec(sh('apt-cache depends linux-image-amd64'))?.[1];
  sh(`apt-get -qq download ${image} busybox-static; for each in *.deb; do dpkg-deb -x $each .; done; rm -f *.deb`, files); // prettier-ignore
  return kernel() === undefined || !existsSync(join(files, 'bin/busybox'))
    ? 'linux-image-amd64 or busybox-static could not be fetched.'
    : undefined;
}

function has(program) {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

function sh(command, cwd = root) {
  return spawnSync('sh', ['-c', command], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).stdout; // prettier-ignore
}

function kernel() {
  return globSync('boot/vmlinuz-*', { cwd: files })[0];
}

/** Makes the first files of the guest, and the script that it runs. */
function prepare(filters) {
  const first = join(directory, 'first');
  rmSync(first, { recursive: true, force: true });
  for (const each of ['bin', 'dev', 'proc', 'modules', 'root'])
    mkdirSync(join(first, each), { recursive: true });
  copyFileSync(join(files, 'bin/busybox'), join(first, 'bin/busybox'));
  copyFileSync(join(root, 'tools/vm-init.sh'), join(first, 'init'));
  chmodSync(join(first, 'init'), 0o755);
  for (const [at, name] of modules.entries()) {
    const [file = ''] = globSync(`lib/modules/*/kernel/${name}.ko`, { cwd: files });
    copyFileSync(join(files, file), join(first, 'modules', `${at}-${basename(name)}.ko`));
  }
  sh('find . | ./bin/busybox cpio -o -H newc 2>/dev/null | gzip -1 > ../initrd.gz', first);
  rmSync(shared, { recursive: true, force: true });
  mkdirSync(shared);
  const chosen = filters.length > 0 ? filters : tests;
  writeFileSync(
    join(shared, 'run.sh'),
    `cd '${root}'
mount -t tmpfs tmpfs .cache
export TEST_SLOWNESS=3 EXTEV_ONE_REGISTER=1 PATH="$PWD/node_modules/.bin:$PATH"
vitest run --configLoader native --reporter verbose --reporter json ${chosen.join(' ')}
cp .cache/vitest.json /run/shared/
`,
  );
}

function share(path, tag, more = '') {
  const options = `path=${path},mount_tag=${tag},security_model=none,multidevs=remap${more}`;
  return ['-virtfs', `local,${options}`];
}

/** Runs the guest to its end and tells what its tests said. @returns exit status */
async function boot() {
  const args = ['-n', '19', qemu, '-nodefaults', '-no-reboot', '-display', 'none']
    // With two processors and a clock of instructions it does not come up.
    .concat(['-accel', 'tcg,thread=single', '-icount', 'shift=0', '-smp', '1', '-m', '4G'])
    // One with what V8 needs and little more.
    .concat(['-cpu', 'Westmere', '-kernel', join(files, kernel())])
    .concat(['-initrd', join(directory, 'initrd.gz')])
    .concat(['-append', 'console=ttyS0 panic=-1 mitigations=off quiet'])
    .concat(['-serial', `file:${join(directory, 'console')}`, '-serial', 'stdio'])
    .concat(share('/', 'host', ',readonly=on'), share(shared, 'shared'));
  const child = spawn('nice', args, { stdio: ['ignore', 'inherit', 'inherit'] });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  await new Promise((resolve, reject) => child.on('close', resolve).on('error', reject));
  const file = join(shared, 'vitest.json');
  if (!existsSync(file)) {
    console.error(`vm: no report; ${relative(root, join(directory, 'console'))} has what the kernel said.`); // prettier-ignore
    return 1;
  }
  const { testResults } = JSON.parse(readFileSync(file, 'utf8'));
  const all = testResults.flatMap(({ assertionResults }) => assertionResults);
  const count = (...kinds) => all.filter(({ status }) => kinds.includes(status)).length;
  const broken = testResults.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.every((each) => each.status !== 'failed')); // prettier-ignore
  for (const { name } of broken) console.log(`failed: ${relative(root, name)}`);
  for (const { status, fullName } of all)
    if (status === 'failed') console.log(`failed: ${fullName}`);
  const failed = count('failed') + broken.length;
  console.log(`vm: ${count('passed')} passed, ${failed} failed, ${count('skipped', 'pending', 'todo')} skipped`); // prettier-ignore
  return failed > 0 ? 1 : 0;
}
