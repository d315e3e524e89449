import { createServer, type Server } from 'node:net';
import { attachAgent } from '@extension-events/session';
import { afterEach, describe, expect, it } from 'vitest';
import {
  endTargets,
  fixture,
  injectionLines,
  listeningPorts,
  maskInspectorLines,
  standInAgent,
  startTarget,
  type TargetProcess,
  until,
} from './attach-target.ts';

// The only tests that use Node's default port. Attaches of others on this machine use it too, for a
// moment each: these tests wait for it, and hold it no longer than others wait.
const defaultPort = 9229;
const patience = { agentThreadFile: standInAgent, timeoutMs: 60_000 };
const hasty = { ...patience, timeoutMs: 2000 };

afterEach(endTargets);

describe('the default inspector port', () => {
  it('is used by one process after another when many are attached to at once', async () => {
    const targets = await Promise.all([1, 2, 3].map(() => startTarget([fixture('target.cjs')])));
    await Promise.all(targets.map(({ pid }) => attachAgent(pid, patience)));
    for (const target of targets) {
      expect(listeningPorts(target.pid)).toEqual([]);
      expect(await target.end()).toBe(7);
      expect(maskInspectorLines(target.stderr())).toEqual(injectionLines);
    }
  });

  it('held by a stranger is a refusal that names the holder, and nothing was signalled', async () => {
    const target = await startTarget([fixture('target.cjs')]);
    const server = await holdDefaultPort();
    await expect(attachAgent(target.pid, hasty)).rejects.toMatchObject({
      code: 'EE_ATTACH_PORT_BUSY',
      message: expect.stringContaining(`process ${process.pid} (`),
    });
    server.close();
    expect(await target.end()).toBe(7);
    expect(target.stderr()).toBe('');
  });

  it('held for a moment is waited for', async () => {
    const target = await startTarget([fixture('target.cjs')]);
    const server = await holdDefaultPort();
    let steps = 0;
    const onStep = (step: string): void => {
      // The second turn means that the first one met the holder.
      if (step === 'wait for the inspector port' && ++steps === 1)
        setTimeout(() => server.close(), 100);
    };
    expect(await attachAgent(target.pid, { ...patience, onStep })).toMatchObject({
      injected: true,
    });
    expect(steps).toBeGreaterThan(1);
  });

  it('held by another Node under --inspect: that one keeps its inspector, the other is refused', async () => {
    const inspected = await startInspected();
    const target = await startTarget([fixture('target.cjs')]);
    await expect(attachAgent(target.pid, hasty)).rejects.toMatchObject({
      code: 'EE_ATTACH_PORT_BUSY',
      message: expect.stringContaining(`process ${inspected.pid} (`),
    });
    expect(target.stderr()).toBe('');
    expect(await attachAgent(inspected.pid, patience)).toMatchObject({ injected: true });
    expect(listeningPorts(inspected.pid)).toEqual([defaultPort]);
    expect(await inspected.end()).toBe(7);
    // Nothing stands in the way of the other any more.
    expect(await attachAgent(target.pid, patience)).toMatchObject({ injected: true });
  });

  it("that is the program's own server is a refusal", async () => {
    let target: TargetProcess | undefined;
    await until(async () => {
      target = await startTarget([fixture('target.cjs'), 'server', String(defaultPort)], {
        ready: /^port/m,
      }).catch(() => undefined);
      return target !== undefined;
    });
    await expect(attachAgent(target?.pid ?? 0, hasty)).rejects.toMatchObject({
      code: 'EE_ATTACH_PORT_BUSY',
      message: expect.stringContaining('the program itself'),
    });
    expect(target?.stderr()).toBe('');
  });
});

async function holdDefaultPort(): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  await until(
    () =>
      new Promise((resolve) => {
        server.once('error', () => resolve(false));
        server.listen(defaultPort, '127.0.0.1', () => resolve(true));
      }),
  );
  return server;
}

async function startInspected(): Promise<TargetProcess> {
  for (;;) {
    const target = await startTarget(['--inspect', fixture('target.cjs')]);
    if (listeningPorts(target.pid).includes(defaultPort)) return target;
    await target.end();
  }
}
