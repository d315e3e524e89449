/**
 * The note's own story, on programs that nobody here wrote: a script throws `lucky13`, a debugger
 * catches it, whoever listens hears it, and none of them knows the others.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { fetch } from 'undici';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Child, until } from './support-cli/child.ts';
import { PipedDebugger } from './support-cli/debugger.ts';
import { readLines, startExtev } from './support-cli/extev.ts';

const lucky = (name: string): string => fileURLToPath(new URL(`../fixtures/lucky/${name}`, import.meta.url)); // prettier-ignore

/** Starts the service, and opens a web socket to it. */
async function startService(): Promise<Child & { port: number }> {
  const service = new Child(process.execPath, ['--inspect-port=0', lucky('service.mjs')]);
  await service.says('ready');
  return Object.assign(service, { port: Number(/ready (\d+)/.exec(service.stdout)?.[1]) });
}

async function startScript(pid: number, ...args: string[]): Promise<Child> {
  const script = startExtev(['run', ...args, '-p', String(pid)]);
  await script.says(`runs in process ${pid}`);
  return script;
}

/** A client of its own, of a package that nobody here wrote; resolves when it has got everything. */
async function askForReports(port: number, rounds: number): Promise<number[]> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  const sizes: number[] = [];
  await once(socket, 'open');
  const all = new Promise<void>((resolve) => {
    socket.on('message', (message) => {
      sizes.push((message as Buffer).length);
      if (sizes.at(-1) === 99) resolve();
    });
  });
  await fetch(`http://127.0.0.1:${port}/reports/${rounds}`, { method: 'POST' });
  await all;
  socket.close();
  return sizes;
}

describe('event lucky13; probe net.send { if ($len == 13) throw event lucky13 }', () => {
  it('stops the debugger for the sends of 13 bytes, all of them and no others, with the sender on the stack', async () => {
    await using service = await startService();
    const { port } = service;
    await using script = await startScript(service.pid, lucky('lucky13.ev'));
    await using listener = startExtev(['listen', String(service.pid), 'lucky13', '--json']);
    await listener.says('listening to lucky13');
    await using debug = PipedDebugger.start(service.pid);
    expect(await debug.ask('catch lucky13')).toMatch(/^Catchpoint 1 \(lucky13\)$/m);
    await debug.ask('catch the.end');
    const reports = askForReports(port, 7);
    for (let i = 0; i < 7; i++) {
      const said = await debug.ask('continue');
      expect(said).toMatch(/Catchpoint 1, lucky13 in thread 1 \(main/);
      // The first user statement after the send: user code is the service, not ws.
      expect(said).toMatch(/#0 +sendReport \(socket=WebSocket, size=13\) at .*service\.mjs:14/);
      expect(said).toContain('sent += 1;');
      expect(await debug.ask('print size')).toMatch(/^13$/m);
    }
    expect(await debug.ask('continue')).toMatch(/Catchpoint 2, the\.end in thread 1/);
    expect(await debug.quit()).toBe(0);
    expect((await reports).filter((size) => size === 13)).toHaveLength(7);

    // When the script ends, its names are gone, and whoever listens is told.
    script.process.kill('SIGINT');
    expect((await script.outcome).code).toBe(130);
    await listener.says('lucky13 is gone');
    await until(
      () => readLines(listener.stdout).length === 7,
      () => listener.stdout,
    );
    listener.process.kill('SIGINT');
    const { stdout } = await listener.outcome;
    expect(readLines(stdout).at(-1)).toEqual({ v: 1, summary: { matched: 7, delivered: 7, lost: 0, throttled: 0 } }); // prettier-ignore
    expect(service.process.exitCode).toBeNull();
  });

  it('is told of by the registry when it comes and when it goes', async () => {
    await using service = await startService();
    await using registry = startExtev(['listen', String(service.pid), 'registry.*', '--where', "name == 'lucky13'", '--json']); // prettier-ignore
    await registry.says('listening to');
    await using script = await startScript(service.pid, lucky('lucky13.ev'));
    script.process.kill('SIGINT');
    await script.outcome;
    await until(
      () => registry.stdout.includes('registry.unregistered'),
      () => registry.stdout,
    );
    const events = readLines(registry.stdout).map(({ event }) => event);
    expect(events.filter((event) => event !== 'registry.armed')).toEqual(expect.arrayContaining(['registry.registered', 'registry.unregistered'])); // prettier-ignore
  });
});

/** Takes connections, and reads what comes. */
async function listenTo(take: (socket: Socket) => void): Promise<Server & AsyncDisposable> {
  const server = createServer(take).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(server, {
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  });
}

const portOf = (server: Server): number => (server.address() as { port: number }).port;

async function isConnected(port: number): Promise<void> {
  for (;;) {
    const { clients } = (await (await fetch(`http://127.0.0.1:${port}/`)).json()) as { clients: number }; // prettier-ignore
    if (clients > 0) return;
    await delay(50);
  }
}

/** The script that a package runs as its command. */
function commandOf(name: string, command = name): string {
  const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    bin: string | Record<string, string>;
  };
  return join(dirname(manifest), typeof bin === 'string' ? bin : (bin[command] ?? ''));
}

describe('in a program installed from npm', () => {
  it('stops in its own code for a corked write', async () => {
    await using service = await startService();
    const { port } = service;
    await using wscat = new Child(process.execPath, ['--inspect-port=0', commandOf('wscat'), '-c', `ws://127.0.0.1:${port}/`]); // prettier-ignore
    await isConnected(port);
    await using script = await startScript(wscat.pid, '-e', 'event lucky13; probe net.send { if ($len == 13) throw event lucky13 }'); // prettier-ignore
    await using debug = PipedDebugger.start(wscat.pid);
    await debug.ask('catch lucky13');
    for (const line of ['twelve bytes', 'thirteen byte', 'fourteen bytes']) wscat.tell(line);
    const said = await debug.ask('continue');
    expect(said).toMatch(/#0 .* at .*\/wscat\/bin\/wscat:\d+/);
    expect(said).toMatch(/^>\s*\d+ /m);
    expect(await debug.ask('bt')).toMatch(/wscat/);
    expect(await debug.quit()).toBe(0);
    expect([wscat.process.exitCode, script.process.exitCode]).toEqual([null, null]);
  });

  it('stops in its own code for a write to a socket that is not connected yet', async () => {
    await using server = await listenTo((socket) => {
      socket
        .on('error', () => undefined)
        .on('data', () => socket.write('HTTP/1.1 204 No Content\r\n\r\n'));
    });
    const command = ['--', process.execPath, commandOf('autocannon'), '-c', '1', '-a', '3', `http://127.0.0.1:${portOf(server)}/`]; // prettier-ignore
    await using debug = startExtev(['debug', '--batch', '--timeout', '90000', ...command]);
    debug.process.stdin?.end(
      'tcatch net.send if starts_with(protocol, "tcp")\ncontinue\nbt\ncontinue\n',
    );
    const { code, stdout } = await debug.outcome;
    expect(stdout).toMatch(/net\.send.*in thread/);
    expect(stdout).toMatch(/#0 .*autocannon\/lib\/httpClient\.js:\d+/);
    expect(stdout).toMatch(/exited with (?:status|code) 0/);
    expect(code).toBe(0);
  });
});
