import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startService, type ServiceProcess } from '../src/service-process.ts';
import { request, startTraffic, type Traffic } from '../src/traffic.ts';
import { hotFile, hotFunction } from '../src/transcript.ts';

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  readonly samples: readonly number[];
}

/** Share of the busy samples by function and file, largest first. */
function selfShares({ nodes, samples }: Profile): [name: string, share: number][] {
  const names = new Map(
    nodes.map(({ id, callFrame }) => [
      id,
      `${callFrame.functionName} ${callFrame.url.split('/').at(-1) ?? ''}`,
    ]),
  );
  const counts = new Map<string, number>();
  for (const id of samples) {
    const name = names.get(id) ?? '';
    if (name.startsWith('(idle)')) continue;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const busy = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return [...counts]
    .map(([name, count]): [string, number] => [name, count / busy])
    .toSorted((a, b) => b[1] - a[1]);
}

describe('the slow service', () => {
  let service: ServiceProcess | undefined;
  let traffic: Traffic | undefined;
  afterEach(async () => {
    await traffic?.stop();
    await service?.stop();
  });

  it('gives the same answers in every run', async () => {
    service = await startService();
    const first = await request(`${service.url}/depots/kassel/picks?wave=3`);
    await service.stop();
    service = await startService();
    const second = await request(`${service.url}/depots/kassel/picks?wave=3`);
    expect(first.status).toBe(200);
    expect(second.body).toBe(first.body);
    const picks = JSON.parse(second.body) as { bin: number }[];
    expect(picks.length).toBeGreaterThan(100);
  });

  it('answers every page that people look at, and says when there is none', async () => {
    service = await startService();
    for (const path of ['/orders/17', '/customers/3/statement', '/depots/essen/board?page=1']) {
      const { status, body } = await request(`${service.url}${path}`);
      expect([path, status]).toEqual([path, 200]);
      expect(body.length).toBeGreaterThan(100);
    }
    expect((await request(`${service.url}/orders/99999`)).status).toBe(404);
    expect((await request(`${service.url}/elsewhere`)).status).toBe(404);
    expect(service.stderr).toBe('');
  });

  it('spends most of its time in a function whose name does not say so', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'extension-events-demo-'));
    try {
      service = await startService(['--cpu-prof', `--cpu-prof-dir=${directory}`]);
      traffic = startTraffic(service.url);
      await traffic.answered(1500);
      expect(traffic.counts().failed).toBe(0);
      await traffic.stop();
      await service.stop();
      const [file = ''] = readdirSync(directory);
      const profile = JSON.parse(readFileSync(join(directory, file), 'utf8')) as Profile;
      const [[name, share], second] = selfShares(profile) as [[string, number], [string, number]];
      expect(name).toBe(`${hotFunction} ${hotFile.replace('.ts', '.js')}`);
      expect(share).toBeGreaterThan(0.3);
      expect(second[1]).toBeLessThan(share / 2);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
