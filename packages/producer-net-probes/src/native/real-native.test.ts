/** What the kernel tells of a C program's sockets, compared with what the program did. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  type AnyPayload,
  getRegistry,
  type PostedEvent,
  type TapOptions,
} from '@extension-events/core';
import { type LinuxHost, openLinuxHost } from '@extension-events/platform-linux';
import { exportCatalogue } from '@extension-events/platform-linux/tracefs';
import { afterAll, beforeAll, expect, it, type TestContext } from 'vitest';
import { createNativeNetProducer } from './producer.ts';

const directory = mkdtempSync(join(tmpdir(), 'talker-'));
chmodSync(directory, 0o755);
const binary = join(directory, 'talker');
const hasCompiler = spawnSync('gcc', ['--version']).status === 0;
const isRoot = process.geteuid?.() === 0;

beforeAll(() => {
  if (!hasCompiler) return;
  const source = new URL('../../fixtures/talker.c', import.meta.url).pathname;
  execFileSync('gcc', ['-g', '-O1', '-pthread', '-o', binary, source]);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Ear extends Disposable {
  readonly events: PostedEvent[];
  /** Without the sockets that Node gives a child for its standard input and output. */
  readonly payloads: () => AnyPayload[];
}

interface Bed extends AsyncDisposable {
  readonly pid: number;
  readonly serverPort: number;
  readonly host: LinuxHost;
  listen(pattern: string, options?: Partial<TapOptions>): Promise<Ear>;
  /** What the program says to each letter. */
  talk(letters: string): Promise<string[][]>;
}

const limitMs = 30_000;

async function observe(context: TestContext, isScripted = false): Promise<Bed> {
  if (!hasCompiler) context.skip('needs gcc: the target is a C program');
  if (!isRoot) context.skip('needs root: sock:* tracepoints are not for everybody');
  const producer = createNativeNetProducer();
  const support = producer.isSupported();
  if (!support.ok) context.skip(support.reason);
  const child = spawn(binary, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async (): Promise<string[]> => String((await lines.next()).value).split(' ');
  const [, pid, , port] = await read();
  const host = await openLinuxHost(Number(pid), { isScripted: () => isScripted });
  const running = producer.start(getRegistry(), host);
  return {
    pid: Number(pid),
    serverPort: Number(port),
    host,
    listen,
    async talk(letters) {
      const said: string[][] = [];
      for (const letter of letters) {
        child.stdin.write(letter);
        said.push(await read());
      }
      host.perf.drain();
      return said;
    },
    async [Symbol.asyncDispose]() {
      running[Symbol.dispose]();
      host[Symbol.dispose]();
      child.stdin.end();
      const isOver = new Promise((resolve) => void child.once('close', resolve));
      child.kill('SIGKILL');
      await isOver;
    },
  };
}

/** Listens until all sources are armed; rejects when one refuses. */
async function listen(pattern: string, options: Partial<TapOptions> = {}): Promise<Ear> {
  const events: PostedEvent[] = [];
  const failures: unknown[] = [];
  const registry = getRegistry();
  const tap = registry.tap({
    mode: 'probe',
    pattern,
    run: (event: PostedEvent) => void events.push(event),
    onFailure: (_name, error) => void failures.push(error),
    ...options,
  });
  const end = performance.now() + limitMs;
  while (tap.awaits.size > 0 && performance.now() < end) await new Promise((resolve) => void setTimeout(resolve, 2)); // prettier-ignore
  if (failures.length > 0) throw failures[0];
  return {
    events,
    payloads: () => events.map(({ payload }) => payload).filter(({ fd }) => fd !== 0 && fd !== 1),
    [Symbol.dispose]: () => registry.untap(tap),
  };
}

const local = { family: 'IPv4', protocol: 'tcp', localAddress: '127.0.0.1', remoteAddress: '127.0.0.1' } as const; // prettier-ignore

it('tells each send of a connection, whichever call made it, with its descriptor and both ends', async (context) => {
  await using bed = await observe(context);
  using ear = await bed.listen('net.send');
  const [[, fd, port] = []] = await bed.talk('csf');
  const sent = ear.payloads();
  expect(sent.map(({ len }) => len)).toEqual(Array.from({ length: 20 }, (_, i) => 10 + (i % 5)));
  for (const payload of sent)
    expect(payload).toEqual({ ...local, len: payload['len'], layer: 'socket', aggregated: false, fd: Number(fd), localPort: Number(port), remotePort: bed.serverPort }); // prettier-ignore
  expect(new Set(ear.events.map(({ subject }) => subject.tid))).toEqual(new Set([bed.pid]));
});

it('leaves to the kernel what all listeners refuse', async (context) => {
  await using bed = await observe(context);
  let samples = 0;
  const { perf } = bed.host;
  const open = perf.open.bind(perf);
  perf.open = (request) =>
    open({ ...request, onSample: (sample) => { samples += request.filter?.includes('ret == 13') === true ? 1 : 0; request.onSample(sample); } }); // prettier-ignore
  using ear = await bed.listen('net.send', { narrow: () => [{ field: 'len', op: '==', value: 13 }] }); // prettier-ignore
  await bed.talk('csuw');
  expect(ear.payloads().map(({ len, protocol }) => [len, protocol])).toEqual([...Array.from({ length: 4 }, () => [13, 'tcp']), [13, 'udp'], [13, 'pipe']]); // prettier-ignore
  expect(samples).toBe(ear.events.length);
});

it('tells what is received, once, and neither peeks nor the end of a stream nor an empty queue', async (context) => {
  await using bed = await observe(context);
  using ear = await bed.listen('net.receive');
  const [, , [, datagram] = [], [, , pair] = []] = await bed.talk('csup');
  const received = ear.payloads();
  const ofServer = received.filter(({ protocol }) => protocol === 'tcp');
  expect(ofServer.reduce((sum, { len }) => sum + Number(len), 0)).toBe(4 * (10 + 11 + 12 + 13 + 14)); // prettier-ignore
  expect(ofServer[0]).toMatchObject({ ...local, localPort: bed.serverPort });
  expect(received.filter(({ protocol }) => protocol !== 'tcp')).toMatchObject([
    { len: 13, protocol: 'udp', family: 'IPv4', fd: Number(datagram) },
    { len: 13, protocol: 'pipe', family: 'unix', fd: Number(pair) },
  ]);
});

it('tells of connections that wait for their answer, and of those that do not', async (context) => {
  await using bed = await observe(context);
  using connects = await bed.listen('net.connect');
  using accepts = await bed.listen('net.accept');
  const said = await bed.talk('cn');
  const made = said.map(([, fd, port]) => ({ ...local, fd: Number(fd), localPort: Number(port), remotePort: bed.serverPort })); // prettier-ignore
  expect(connects.payloads()).toEqual(made.map((each) => ({ ...each, durationNs: expect.any(Number) }))); // prettier-ignore
  for (const { durationNs } of connects.payloads()) {
    expect(durationNs).toBeGreaterThan(0);
    expect(durationNs).toBeLessThan(limitMs * 1e6);
  }
  // The server takes one connection at a time: the second waits for the end of the first.
  expect(accepts.payloads()).toEqual([{ ...local, fd: expect.any(Number), localPort: bed.serverPort, remotePort: made[0]?.localPort }]); // prettier-ignore
});

it('tells of connections that end, on either side, and of no other descriptors', async (context) => {
  await using bed = await observe(context);
  await bed.talk('c');
  using old = await bed.listen('net.close');
  const [, , [, fd, port] = []] = await bed.talk('xfc');
  await bed.talk('uwx');
  await expect.poll(() => (bed.host.perf.drain(), old.events.length), { timeout: limitMs }).toBe(4);
  const ours = old.payloads().filter(({ localPort }) => localPort !== bed.serverPort);
  expect(ours).toHaveLength(2); // one was older than the listen
  expect(ours[1]).toEqual({ ...local, fd: Number(fd), localPort: Number(port), remotePort: bed.serverPort, hadError: false, durationNs: expect.any(Number) }); // prettier-ignore
  expect(old.payloads().filter(({ localPort }) => localPort === bed.serverPort)).toHaveLength(2);
});

it('tells why a call failed', async (context) => {
  await using bed = await observe(context);
  using ear = await bed.listen('net.error');
  const [, , [, refused, closed] = []] = await bed.talk('cwe');
  expect(ear.payloads()).toEqual([
    { ...local, remotePort: 1, fd: Number(refused), code: 'ECONNREFUSED', syscall: 'connect' },
    { family: 'unix', protocol: 'pipe', fd: Number(closed), code: 'EPIPE' },
  ]); // prettier-ignore
});

it('is heard by a wildcard, and opens nothing before and after', async (context) => {
  await using bed = await observe(context);
  const open = new Set<unknown>();
  const { perf } = bed.host;
  const plainly = perf.open.bind(perf);
  perf.open = (request) => {
    const arming = plainly(request);
    open.add(request);
    return {
      read: (tid) => arming.read(tid),
      setPeriod: (period) => arming.setPeriod(period),
      [Symbol.dispose]: () => { open.delete(request); arming[Symbol.dispose](); }, // prettier-ignore
    };
  };
  await bed.talk('cs');
  expect(open.size).toBe(0);
  const ear = await bed.listen('net.*');
  const another = await bed.listen('net.connect');
  await bed.talk('xcse');
  const counts = new Map<string, number>();
  for (const { name, payload } of ear.events)
    if (payload['fd'] !== 1) counts.set(name, (counts.get(name) ?? 0) + 1);
  expect(counts.get('net.send')).toBe(20);
  expect(counts.get('net.connect')).toBe(1);
  expect(another.events).toHaveLength(1); // both hear the one call
  expect(counts.get('net.error')).toBe(2);
  ear[Symbol.dispose]();
  another[Symbol.dispose]();
  expect(open.size).toBe(0);
});

it('leaves threads to the agent that speaks for them', async (context) => {
  await using bed = await observe(context, true);
  using ear = await bed.listen('net.*');
  await bed.talk('csup');
  expect(ear.events).toEqual([]);
});

it('tells an ordinary user what system calls tell, and refuses the rest', async (context) => {
  if (!hasCompiler) context.skip('needs gcc: the target is a C program');
  if (!isRoot) context.skip('needs root: it exports the tracepoints and becomes another user');
  if (process.arch !== 'x64') context.skip('needs x64: elsewhere descriptors are not known at the return'); // prettier-ignore
  const { file } = await exportCatalogue(join(directory, 'tracepoints.json'));
  const observer = new URL('../../fixtures/observe.ts', import.meta.url).pathname;
  const { stdout, stderr } = spawnSync('setpriv', ['--reuid', '1001', '--regid', '1001', '--clear-groups', process.execPath, '--conditions=@extension-events/source', '--no-warnings', observer, file, binary], { encoding: 'utf8', cwd: '/', timeout: 60_000 }); // prettier-ignore
  if (stdout === '' && /EACCES|ERR_MODULE_NOT_FOUND|Permission denied/.test(stderr)) context.skip('needs root: the repository is not readable for others'); // prettier-ignore
  if (stdout === '') throw new Error(stderr);
  const { heard, refused } = JSON.parse(stdout) as { heard: Record<string, AnyPayload[]>; refused: object }; // prettier-ignore
  const tcp = (name: string): AnyPayload[] => (heard[name] ?? []).filter(({ protocol }) => protocol === 'tcp'); // prettier-ignore
  expect(tcp('net.send').map(({ len }) => len)).toEqual(Array.from({ length: 20 }, (_, i) => 10 + (i % 5))); // prettier-ignore
  expect(tcp('net.receive').reduce((sum, { len }) => sum + Number(len), 0)).toBe(240);
  // The program keeps the address that it connects to elsewhere than on its stack.
  expect(tcp('net.connect')).toMatchObject([{ family: 'IPv4', localAddress: '127.0.0.1' }]);
  expect(tcp('net.accept')).toMatchObject([{ family: 'IPv4', remoteAddress: '127.0.0.1' }]);
  expect(heard['net.error']?.map(({ code }) => code)).toEqual(['ECONNREFUSED', 'EPIPE']);
  expect(refused).toEqual({ 'net.close': 'EE_NET_PROBES_PERMISSION' });
});
