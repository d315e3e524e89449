import { once } from 'node:events';
import { request } from 'node:http';
import { BehaviorSubject } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { CatalogueEntry, ProcessNode, Series } from '../graph-types.ts';
import { FakeGraph } from '../testing/fake-graph.ts';
import { fakeScripts } from '../testing/fake-scripts.ts';
import { makePageDirectory, TestPage, until } from '../testing/open-page.ts';
import type { ControlDoor } from './doors.ts';
import type { HeldThread, IncidentsView, ScriptView } from './messages.ts';
import { startWatchServer, type WatchServer, type WatchServerOptions } from './watch-server.ts';

const pageDirectory = makePageDirectory();
const start = (options: WatchServerOptions = {}, graph = new FakeGraph()): Promise<WatchServer> =>
  startWatchServer(graph, { pageDirectory, ...options });

interface Reply {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

/** A request whose Host and Origin are as given, which fetch would not allow. */
async function ask(
  url: string,
  { headers = {}, method = 'GET' }: { method?: string; headers?: Record<string, string> } = {},
): Promise<Reply> {
  // prettier-ignore
  const { hostname, pathname, port } = new URL(url);
  const sent = request({ host: hostname, port, path: pathname, method, headers }).end();
  const [response] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts).toString() }; // prettier-ignore
}

/** How a web socket that should not open is turned away. */
async function knock(url: string, headers: Record<string, string>): Promise<number> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}socket`, { headers });
  return new Promise((resolve, reject) => {
    socket.once('unexpected-response', (_request, response) => {
      socket.on('error', () => undefined);
      socket.terminate();
      resolve(response.statusCode ?? 0);
    });
    socket.once('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.once('error', reject);
  });
}

const control = (): ControlDoor & { readonly asked: string[] } => {
  const asked: string[] = [];
  return {
    asked,
    held$: new BehaviorSubject<readonly HeldThread[]>([]),
    stopNext: async ({ pattern }) => {
      asked.push(`stop ${pattern}`);
      return { pids: [4242] };
    },
    continue: async (pid, tid) => void asked.push(`continue ${pid}/${tid}`),
  };
};

describe('who may speak to the server', () => {
  let server: WatchServer;
  let host: string;
  beforeAll(async () => {
    server = await start({ token: 'a-secret' });
    ({ host } = new URL(server.url));
  });
  afterAll(() => server.close());

  it('shows the page below the token, with headers that allow nothing from elsewhere', async () => {
    const { body, headers, status } = await ask(server.url);
    expect(status).toBe(200);
    expect(body).toContain('<title>page</title>');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"); // prettier-ignore
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' }); // prettier-ignore
  });

  it('listens on the loopback address alone', () => {
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/a-secret\/$/);
  });

  it.each([
    '/',
    '/wrong/',
    '/a-secre/',
    '/a-secrets/',
    '/favicon.ico',
    '/socket',
    '//a-secret/',
    '/%61-secret/',
  ])('knows nothing of %s', async (path) => {
    // prettier-ignore
    const { body, headers, status } = await ask(`http://${host}${path}`);
    expect({ status, body }).toEqual({ status: 404, body: '' });
    expect(JSON.stringify(headers)).not.toContain('extev');
  });

  it.each([
    'secret.key',
    'index.html',
    '..%2f..%2fpackage.json',
    'assets/..%2findex.html',
    'download/x/y',
  ])('serves no %s', async (path) => {
    // prettier-ignore
    const { status } = await ask(`${server.url}${path}`);
    expect(status).toBe(404);
  });

  it('goes from the token to the page', async () => {
    const { headers, status } = await ask(server.url.slice(0, -1));
    expect({ status, location: headers['location'] }).toEqual({ status: 308, location: '/a-secret/' }); // prettier-ignore
  });

  it.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1.evil.example',
    '10.0.0.7',
    '[::2]',
    'localhost@evil.example',
  ])('refuses the name %s: a sign of rebinding', async (name) => {
    // prettier-ignore
    const { body, status } = await ask(server.url, { headers: { host: name } });
    expect(status).toBe(403);
    expect(body).toMatch(/^EE_WATCH_HOST: .*\nhint: /);
    expect(body).not.toContain('<title>');
  });

  it.each(['localhost', '127.0.0.1', '[::1]:9000', 'LOCALHOST:1234'])(
    'answers to %s, also through a forwarded port',
    async (name) => {
      // prettier-ignore
      expect((await ask(server.url, { headers: { host: name } })).status).toBe(200);
    },
  );

  it('answers no page of somebody else', async () => {
    const foreign = { headers: { origin: 'http://evil.example' } };
    expect(await ask(server.url, foreign)).toMatchObject({ status: 403, body: expect.stringContaining('EE_WATCH_ORIGIN') }); // prettier-ignore
    expect(await ask(server.url, { method: 'POST', ...foreign })).toMatchObject({ status: 403 });
    expect(await ask(server.url, { method: 'POST' })).toMatchObject({ status: 403 });
    expect(await ask(server.url, { headers: { origin: `http://${host}` } })).toMatchObject({ status: 200 }); // prettier-ignore
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('changes nothing by %s', async (method) => {
    const reply = await ask(server.url, { method, headers: { origin: `http://${host}` } });
    expect(reply).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' }, body: expect.stringContaining('EE_WATCH_METHOD') }); // prettier-ignore
  });

  it('changes nothing by GET: what a page asks for is no address', async () => {
    const graph = new FakeGraph();
    await using quiet = await start({ token: 'x', scripts: fakeScripts }, graph);
    for (const path of ['attach?pid=4388', 'attach/4388', 'run-script', 'socket', 'export']) {
      expect((await ask(`${quiet.url}${path}`)).status).toBe(404);
    }
    expect(graph.attached).toEqual([]);
  });

  it('opens the web socket for its own page alone', async () => {
    const own = `http://${host}`;
    expect(await knock(server.url, { origin: own })).toBe(101);
    expect(await knock(server.url, {})).toBe(403);
    expect(await knock(server.url, { origin: 'http://evil.example' })).toBe(403);
    expect(await knock(server.url, { origin: 'null' })).toBe(403);
    expect(await knock(server.url, { origin: 'http://evil.example', host: 'evil.example' })).toBe(403); // prettier-ignore
    expect(await knock(`http://${host}/wrong/`, { origin: own })).toBe(404);
  });

  it('has another token each time', async () => {
    await using first = await start();
    await using second = await start();
    const [one, other] = [first, second].map(({ url }) => new URL(url).pathname.split('/')[1]);
    expect(one).toMatch(/^[0-9a-f]{32}$/);
    expect(one).not.toBe(other);
  });

  it('says which port cannot be had', async () => {
    await expect(start({ port: server.port })).rejects.toMatchObject({ code: 'EE_WATCH_PORT' });
  });

  it('says that the page is missing from the package', async () => {
    await expect(start({ pageDirectory: '/nonexistent/' })).rejects.toMatchObject({ code: 'EE_WATCH_PAGE_FILES' }); // prettier-ignore
  });

  it('answers to other addresses only when it listens beyond the machine', async () => {
    await using open = await start({ host: '0.0.0.0' });
    const url = open.url.replace('0.0.0.0', '127.0.0.1');
    expect((await ask(url, { headers: { host: '10.0.0.7' } })).status).toBe(200);
    expect((await ask(url, { headers: { host: 'evil.example' } })).status).toBe(403);
  });
});

describe('what a page is told', () => {
  it('greets it, and shows what it watches', async () => {
    await using server = await start({ title: 'a title', target: () => 4242 });
    const page = await TestPage.open(server.url);
    page.watch(1, { of: 'processes' });
    page.watch(2, { of: 'catalogue' });
    page.watch(3, { of: 'series', source: { pattern: 'net.send' }, range: { lastMs: 60_000 }, by: 'sum' }); // prettier-ignore
    page.watch(4, { of: 'incidents', source: { pattern: 'cache.evict' }, limit: 50 });
    await until(() => [1, 2, 3, 4].every((id) => page.value(id) !== undefined));
    expect(page.hello).toMatchObject({ title: 'a title', target: 4242, hasControl: false, hasScripts: false }); // prettier-ignore
    expect((page.value(1) as ProcessNode[]).map(({ pid }) => pid)).toContain(4242);
    expect((page.value(2) as CatalogueEntry[]).map(({ name }) => name)).toContain('net.send');
    expect((page.value(3) as Series).lines[0]?.total).toBeGreaterThan(100);
    const incident = (page.value(4) as IncidentsView).items.find(({ kind }) => kind === 'event');
    expect(incident).toMatchObject({ payload: { key: expect.stringContaining('<script>'), id: expect.stringMatching(/^9223372036854/) } }); // prettier-ignore
    await page.close();
  });

  it('sends at most five batches a second, whatever is watched, and small ones', async () => {
    await using server = await start({}, new FakeGraph({ updatesPerSecond: 100 }));
    const page = await TestPage.open(server.url);
    const patterns = ['net.send', 'net.receive', 'http.server.request', 'gc.pause'];
    for (const [i, pattern] of patterns.entries()) {
      page.watch(2 * i, { of: 'series', source: { pattern }, range: { lastMs: 300_000 }, by: 'thread' }); // prettier-ignore
      page.watch(2 * i + 1, { of: 'state', source: { pattern } });
    }
    await until(() => page.batches.length >= 8);
    const [first, ...rest] = page.batches;
    const gaps = rest.map(({ atMs }, i) => atMs - (page.batches[i]?.atMs ?? 0));
    const meanMs = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    expect(meanMs).toBeGreaterThan(190);
    // Tails, not whole series.
    expect(Math.max(...rest.map(({ bytes }) => bytes))).toBeLessThan((first?.bytes ?? 0) / 3);
    await page.close();
  });

  it('lets go of what a page watched when it is gone', async () => {
    const graph = new FakeGraph();
    let subscribers = 0;
    const counted = new BehaviorSubject<readonly ProcessNode[]>([]);
    Object.defineProperty(graph, 'processes$', {
      value: {
        subscribe: (observer: Parameters<typeof counted.subscribe>[0]) => {
          // prettier-ignore
          subscribers++;
          const subscription = counted.subscribe(observer);
          subscription.add(() => subscribers--);
          return subscription;
        },
      },
    });
    await using server = await start({}, graph);
    const pages = await Promise.all([TestPage.open(server.url), TestPage.open(server.url)]);
    for (const page of pages) page.watch(1, { of: 'processes' });
    await until(() => subscribers === 2);
    pages[0]?.send({ do: 'unwatch', id: 1 });
    await until(() => subscribers === 1);
    for (const page of pages) await page.close();
    await until(() => subscribers === 0);
    expect(counted.observed).toBe(false);
  });

  it('counts the open pages', async () => {
    await using server = await start();
    const counts: number[] = [];
    server.pages$.subscribe((count) => counts.push(count));
    const page = await TestPage.open(server.url);
    await page.close();
    await until(() => counts.at(-1) === 0 && counts.length > 1);
    expect(counts).toEqual([0, 1, 0]);
  });

  it('tells what is wrong with a source, and goes on', async () => {
    await using server = await start();
    const page = await TestPage.open(server.url);
    page.watch(1, { of: 'state', source: { pattern: 'net.send', where: 'syntax' } });
    page.watch(2, { of: 'state', source: { pattern: 'net.send' } });
    await until(() => page.error(1) !== undefined && page.value(2) !== undefined);
    expect(page.error(1)).toMatchObject({ code: 'EE_PREDICATE_SYNTAX', hint: expect.any(String) });
    await page.close();
  });

  it('says goodbye when it ends', async () => {
    const server = await start();
    const page = await TestPage.open(server.url);
    const closed = once(page.socket, 'close') as Promise<[number]>;
    await server.close();
    expect((await closed)[0]).toBe(1001);
  });
});

describe('what a page asks for', () => {
  it('attaches, and tells why that was refused', async () => {
    const graph = new FakeGraph();
    await using server = await start({}, graph);
    const page = await TestPage.open(server.url);
    expect(await page.ask({ do: 'attach', pid: 4388 })).toMatchObject({ value: null });
    expect(await page.ask({ do: 'attach', pid: 4420 })).toMatchObject({ error: { code: 'EE_ATTACH_PERMISSION' } }); // prettier-ignore
    expect(graph.attached).toEqual([4388, 4420]);
    await page.close();
  });

  it('stops nothing without the grant', async () => {
    await using server = await start();
    const page = await TestPage.open(server.url);
    const source = { pattern: 'net.send' };
    for (const message of [{ do: 'stop-next', source }, { do: 'continue', pid: 1, tid: 1 }])
      expect(await page.ask(message)).toMatchObject({ error: { code: 'EE_WATCH_CONTROL', hint: expect.stringContaining('--allow-control') } }); // prettier-ignore
    await page.close();
  });

  it('stops and continues with the grant', async () => {
    const door = control();
    await using server = await start({ control: door });
    const page = await TestPage.open(server.url);
    expect(await page.ask({ do: 'stop-next', source: { pattern: 'net.send' } })).toMatchObject({ value: { pids: [4242] } }); // prettier-ignore
    await page.ask({ do: 'continue', pid: 4242, tid: 4251 });
    expect(page.hello?.hasControl).toBe(true);
    expect(door.asked).toEqual(['stop net.send', 'continue 4242/4251']);
    await page.close();
  });

  it('checks, runs and ends scripts, whose output all pages see', async () => {
    await using server = await start({ scripts: fakeScripts });
    const page = await TestPage.open(server.url);
    const other = await TestPage.open(server.url);
    other.watch(1, { of: 'scripts' });
    expect(await page.ask({ do: 'check-script', text: '\n oops' })).toMatchObject({ value: [{ line: 2, column: 2 }] }); // prettier-ignore
    const { value } = (await page.ask({ do: 'run-script', name: 'a.ev', text: 'event lucky13 { }' })) as { value: number }; // prettier-ignore
    const scripts = (): ScriptView[] => (other.value(1) ?? []) as ScriptView[];
    await until(() => (scripts()[0]?.lines.length ?? 0) > 0);
    expect(scripts()[0]).toMatchObject({ id: value, name: 'a.ev', state: { phase: 'running', events: ['lucky13'] } }); // prettier-ignore
    await page.ask({ do: 'stop-script', script: value });
    await until(() => scripts()[0]?.state.phase === 'ended');
    expect(await page.ask({ do: 'stop-script', script: 77 })).toMatchObject({ error: { code: 'EE_WATCH_SCRIPT_UNKNOWN' } }); // prettier-ignore
    await page.close();
    await other.close();
  });

  it('runs a script in processes of the session alone', async () => {
    await using server = await start({ scripts: fakeScripts });
    const page = await TestPage.open(server.url);
    const run = (pids: number[]) => page.ask({ do: 'run-script', name: 'a.ev', text: 'event lucky13 { }', pids }); // prettier-ignore
    for (const pids of [[999_999], [4242, 4388], []])
      expect(await run(pids)).toMatchObject({ error: { code: 'EE_WATCH_PROCESS' } });
    expect(await run([4242])).toMatchObject({ value: expect.any(Number) });
    await page.close();
  });

  it('runs no scripts when it was given none to run them', async () => {
    await using server = await start();
    const page = await TestPage.open(server.url);
    expect(await page.ask({ do: 'run-script', name: 'a.ev', text: '' })).toMatchObject({ error: { code: 'EE_WATCH_SCRIPTS' } }); // prettier-ignore
    await page.close();
  });

  it.each(['speedscope', 'pprof', 'cpuprofile'])(
    'makes a file for %s, once the flame graph is there',
    async (format) => {
      // prettier-ignore
      await using server = await start();
      const page = await TestPage.open(server.url);
      expect(await page.ask({ do: 'export', view: 9, format })).toMatchObject({ error: { code: 'EE_WATCH_EXPORT' } }); // prettier-ignore
      page.watch(9, { of: 'flame', source: { pattern: 'hot-spot.sample' } });
      await until(() => page.value(9) !== undefined);
      const { value } = (await page.ask({ do: 'export', view: 9, format })) as { value: string };
      const { body, headers, status } = await ask(`${server.url}${value.slice(1)}`);
      expect(status).toBe(200);
      expect(headers['content-disposition']).toMatch(/^attachment; filename="hot-spot\.sample\./);
      expect(body.length).toBeGreaterThan(100);
      await page.close();
    },
  );
});

describe('what is no message', () => {
  it.each([
    '',
    '{',
    'null',
    '[]',
    '{"do":"watch"}',
    '{"do":"watch","id":1,"view":{"of":"everything"}}',
    '{"do":"__proto__"}',
    '{"do":"unwatch","id":1e99}',
  ])('is refused and does no harm: %s', async (text) => {
    // prettier-ignore
    await using server = await start();
    const page = await TestPage.open(server.url);
    page.socket.send(text);
    await until(() => page.refused.length === 1);
    expect(page.refused[0]).toMatchObject({ code: 'EE_WATCH_MESSAGE' });
    page.watch(1, { of: 'processes' });
    await until(() => page.value(1) !== undefined);
    await page.close();
  });

  it('ends the connection when it is too long, or is no text', async () => {
    await using server = await start();
    const long = await TestPage.open(server.url);
    const ended = once(long.socket, 'close') as Promise<[number]>;
    long.socket.send('x'.repeat(300_000));
    expect((await ended)[0]).toBe(1009);
    const binary = await TestPage.open(server.url);
    const over = once(binary.socket, 'close') as Promise<[number]>;
    binary.socket.send(Buffer.from([1, 2, 3]));
    expect((await over)[0]).toBe(1003);
  });

  it('is refused in excess, with the answer that somebody waits for', async () => {
    await using server = await start();
    const page = await TestPage.open(server.url);
    for (let i = 0; i < 300; i++) page.send({ do: 'unwatch', id: i });
    await until(() => page.refused.length > 0);
    expect(page.refused[0]).toMatchObject({ code: 'EE_WATCH_LIMIT' });
    expect(await page.ask({ do: 'attach', pid: -1 })).toMatchObject({ error: { code: expect.stringMatching(/^EE_WATCH_/) } }); // prettier-ignore
    await page.close();
  });

  it('is told together with the others of its turn, and not for ever', async () => {
    await using server = await start();
    const page = await TestPage.open(server.url);
    const ended = once(page.socket, 'close') as Promise<[number]>;
    let isOver = false;
    page.socket.once('close', () => (isOver = true));
    for (let i = 0; i < 1500; i++) page.socket.send('{');
    await until(() => isOver);
    expect((await ended)[0]).toBe(1008);
    const count = page.refused.reduce((sum, one) => sum + one.count, 0);
    expect(count).toBeGreaterThan(1000);
    expect(count).toBeLessThan(1500);
    expect(page.refused.length).toBeLessThan(count / 2);
    // Whoever comes next is served.
    const other = await TestPage.open(server.url);
    other.watch(1, { of: 'processes' });
    await until(() => other.value(1) !== undefined);
    await other.close();
  });

  it('watches no more than it should', async () => {
    await using server = await start();
    const page = await TestPage.open(server.url);
    for (let id = 0; id < 100; id++)
      page.watch(id, { of: 'state', source: { pattern: 'gc.pause' } });
    await until(() => page.refused.reduce((sum, { count }) => sum + count, 0) >= 4);
    expect(page.refused.every(({ code }) => code === 'EE_WATCH_LIMIT')).toBe(true);
    await page.close();
  });
});
