import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { startTraffic } from '../src/traffic.ts';

it('people click on until they are stopped, and failed pages are counted', async () => {
  const paths = new Set<string>();
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    paths.add(path.split('/')[1] ?? '');
    response.statusCode = path.startsWith('/orders') ? 500 : 200;
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const traffic = startTraffic(`http://127.0.0.1:${port}`, { people: 2, pauseMs: 0 });
  await traffic.answered(20);
  await traffic.stop();
  const { answered, failed, medianMs } = traffic.counts();
  expect(answered).toBeGreaterThanOrEqual(20);
  expect(failed).toBeGreaterThan(0);
  expect(medianMs).toBeGreaterThan(0);
  expect([...paths].toSorted()).toEqual(['customers', 'depots', 'orders', 'reports']);
  server.close();
});
