import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const program = fileURLToPath(new URL('test-traffic-program.ts', import.meta.url));
const node = [process.execPath, '--conditions=@extension-events/source', program];

interface Event {
  readonly name: string;
  readonly fd?: number;
  readonly len?: number;
  readonly wireLen?: number;
  readonly layer?: string;
  readonly localPort?: number;
  readonly remotePort?: number;
  readonly sentBytes?: number;
  readonly receivedBytes?: number;
}

interface Run {
  readonly portOf: Readonly<Record<string, number>>;
  readonly events: readonly Event[];
  /** What the tool wrote. */
  readonly told: string;
}

/** Runs the program under a tool that writes to `out`; says what is missing where it cannot. */
function runUnder(command: (out: string) => readonly string[], read: (out: string) => string): Run | string {
  const directory = mkdtempSync(join(tmpdir(), 'extension-events-net-'));
  try {
    const [out, file] = [join(directory, 'told'), join(directory, 'events.json')];
    const [tool = '', ...args] = command(out);
    const done = spawnSync(tool, [...args, ...node, file], { encoding: 'utf8', timeout: 110_000 });
    if (done.error !== undefined) return `${tool} is not installed`;
    if (done.status !== 0) return `${tool}: ${done.stderr}`;
    return { ...(JSON.parse(readFileSync(file, 'utf8')) as Omit<Run, 'told'>), told: read(out) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
} // prettier-ignore

const sum = (values: readonly (number | undefined)[]): number => values.reduce<number>((total, value) => total + (value ?? 0), 0); // prettier-ignore

/** Results of the system calls that sent, by descriptor. */
function readStrace(told: string): Map<number, number[]> {
  const sent = new Map<number, number[]>();
  // With other threads at work a call may be told in two pieces; its result is in the second.
  const begun = new Map<string, number>();
  for (const line of told.split('\n')) {
    const [, tid = ''] = /^(\d+)/.exec(line) ?? [];
    const start = /(?:write|writev|sendto|sendmsg)\((\d+)/.exec(line);
    if (start !== null) begun.set(tid, Number(start[1]));
    const result = /= (\d+)$/.exec(line);
    const fd = begun.get(tid);
    if (result === null || fd === undefined) continue;
    begun.delete(tid);
    sent.set(fd, [...(sent.get(fd) ?? []), Number(result[1])]);
  }
  return sent;
}

it('agrees with the system calls: lengths of plain sockets, totals of the others (strace)', (context) => {
  const run = runUnder(
    (out) => ['strace', '-f', '-qq', '-s', '0', '-e', 'trace=write,writev,sendto,sendmsg', '-e', 'signal=none', '-o', out],
    (out) => readFileSync(out, 'utf8'),
  );
  if (typeof run === 'string') {
    context.skip(`needs strace: ${run}`);
    return;
  }
  const calls = readStrace(run.told);
  /** Events of one side of the connections of a server. */
  const eventsOf = (name: string, kind: string, side: 'client' | 'server') =>
    run.events.filter((event) => event.name === name && event[side === 'client' ? 'remotePort' : 'localPort'] === run.portOf[kind]);
  const [sent] = eventsOf('net.send', 'plain', 'client');
  const lengths = eventsOf('net.send', 'plain', 'client').map(({ len }) => len);
  expect(lengths).toEqual([2, 3, 5, 7, 11, 13, 13, 17, 19]);
  expect(calls.get(sent?.fd ?? -1)).toEqual(lengths);
  for (const kind of ['plain', 'tls', 'http', 'http2']) {
    for (const side of ['client', 'server'] as const) {
      const [closed, ...others] = eventsOf('net.close', kind, side);
      expect(others, `${kind}, ${side}`).toEqual([]);
      const onWire = sum(calls.get(closed?.fd ?? -1) ?? []);
      expect(closed?.sentBytes, `${kind}, ${side}`).toBe(onWire);
      const handedOver = sum(eventsOf('net.send', kind, side).map(({ len }) => len));
      // What TLS adds is not handed over by anybody.
      expect(handedOver, `${kind}, ${side}`).toBe(kind === 'tls' ? 21_013 : onWire);
      const other = side === 'client' ? 'server' : 'client';
      expect(sum(eventsOf('net.receive', kind, other).map(({ len }) => len))).toBe(handedOver);
    }
  }
}); // prettier-ignore

it("agrees with the kernel's tracepoint sock:sock_send_length (tracefs)", (context) => {
  const run = runUnder(
    (out) => ['perf', 'record', '-q', '-o', out, '-e', 'sock:sock_send_length', '--'],
    (out) => spawnSync('perf', ['script', '-i', out], { encoding: 'utf8' }).stdout,
  );
  if (typeof run === 'string') {
    context.skip(`needs perf and tracefs: ${run}`);
    return;
  }
  const bySocket = new Map<string, number[]>();
  for (const [, socket = '', length = ''] of run.told.matchAll(/sk address = (\w+), family = AF_INET6? .* length = (\d+)/g)) {
    bySocket.set(socket, [...(bySocket.get(socket) ?? []), Number(length)]);
  }
  const kernel = [...bySocket.values()];
  const lengths = [2, 3, 5, 7, 11, 13, 13, 17, 19];
  expect(kernel).toContainEqual(lengths);
  const totals = run.events.filter(({ name }) => name === 'net.close').flatMap(({ sentBytes = 0 }) => (sentBytes === 0 ? [] : sentBytes));
  expect(kernel.map(sum).toSorted((a, b) => a - b)).toEqual(totals.toSorted((a, b) => a - b));
}); // prettier-ignore
