import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  findPortHolder,
  isPortFree,
  opensInspectorAtStart,
  publishesOverHttp,
  wantedInspectorAddress,
} from './inspector-port.ts';

it.each([
  [[], '127.0.0.1', 9229],
  [['--inspect'], '127.0.0.1', 9229],
  [['--inspect-port=0'], '127.0.0.1', 0],
  [['--debug-port=9300'], '127.0.0.1', 9300],
  [['--inspect=9300', '--inspect-port=9301'], '127.0.0.1', 9301],
  [['--inspect-brk=0.0.0.0:9300'], '0.0.0.0', 9300],
  [['--inspect-wait=[::1]:9300'], '::1', 9300],
  [['--inspect=localhost'], 'localhost', 9229],
  [['--inspect-publish-uid=http', '--inspecting=1'], '127.0.0.1', 9229],
])('with the options %j the inspector opens on %s port %i', (options, host, port) => {
  expect(wantedInspectorAddress(options)).toEqual({ host, port });
});

it('an inspector that is asked for at the start is told from a port for later', () => {
  expect(opensInspectorAtStart(['--inspect'])).toBe(true);
  expect(opensInspectorAtStart(['--inspect-brk=0'])).toBe(true);
  expect(opensInspectorAtStart(['--inspect-port=0', '--inspect-publish-uid=http'])).toBe(false);
});

it('an inspector that publishes on stderr only cannot be found', () => {
  expect(publishesOverHttp([])).toBe(true);
  expect(publishesOverHttp(['--inspect-publish-uid=stderr,http'])).toBe(true);
  expect(publishesOverHttp(['--inspect-publish-uid=stderr'])).toBe(false);
});

describe('a port', () => {
  it('is busy while somebody listens there, whom /proc names, and free afterwards', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = { host: '127.0.0.1', port: (server.address() as { port: number }).port };
    expect(await isPortFree(address)).toBe(false);
    expect(findPortHolder(address)).toMatchObject({ pid: process.pid });
    await new Promise((resolve) => {
      server.close(resolve);
    });
    expect(await isPortFree(address)).toBe(true);
    expect(findPortHolder(address)).toBeUndefined();
  });

  it('that is left to the system is always free', async () => {
    expect(await isPortFree({ host: '127.0.0.1', port: 0 })).toBe(true);
  });
});
