import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { firstTargetId, probeInspector } from './inspector-client.ts';

const id = '071aa683-ac4c-46d8-8fcd-a2036c6f116a';
const list = JSON.stringify([{ id, webSocketDebuggerUrl: `ws://evil.example/${id}` }]);
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(answer: Parameters<typeof createServer>[1]): Promise<number> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as { port: number }).port;
}
const probe = (port: number, timeoutMs: number): ReturnType<typeof probeInspector> =>
  probeInspector({ inode: 1, address: '127.0.0.1', port }, timeoutMs);

describe('an answer to /json/list', () => {
  it('gives the id of its first target', () => {
    expect(firstTargetId(list)).toBe(id);
  });

  it.each([
    undefined,
    '',
    'hello',
    '[]',
    '{}',
    'null',
    '[null]',
    '[{"id":"../../x","webSocketDebuggerUrl":"ws://x"}]',
    `[{"id":"${id}"}]`,
    `[{"id":7,"webSocketDebuggerUrl":"ws://x"}]`,
  ])('%j gives none', (text) => {
    expect(firstTargetId(text)).toBeUndefined();
  });
});

describe('a probe', () => {
  it('connects to the socket that was asked, whatever address the answer names', async () => {
    const port = await serve((request, response) => {
      response.end(request.url === '/json/list' ? list : '');
    });
    expect(await probe(port, 10_000)).toMatchObject({
      webSocketUrl: `ws://127.0.0.1:${port}/${id}`,
    });
  });

  it('does not wait for a server that says nothing, nor read one that never ends', async () => {
    const silent = await serve(() => undefined);
    expect(await probe(silent, 30)).toBeUndefined();
    const endless = await serve((_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(10_000)));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    expect(await probe(endless, 60_000)).toBeUndefined();
  });

  it('takes nothing from an error page or a closed port', async () => {
    const port = await serve((_request, response) => {
      response.statusCode = 404;
      response.end(list);
    });
    expect(await probe(port, 10_000)).toBeUndefined();
    expect(await probe(1, 10_000)).toBeUndefined();
  });
});
