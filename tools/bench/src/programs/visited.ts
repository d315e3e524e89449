/** A service and its own visitor: some fifty requests a second to a hundred paths, with a hash for each. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '../serve.ts';

const everyMs = 20;
const server = createServer((request, response) => {
  const digest = createHash('sha256');
  for (let round = 0; round < 200; round++) digest.update(`${request.url}${round}`);
  response.end(digest.digest('hex'));
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');

const { port } = server.address() as AddressInfo;
const agent = new Agent({ keepAlive: true, maxSockets: 4 });
let visits = 0;
setInterval(() => {
  visits++;
  get({ agent, host: '127.0.0.1', port, path: `/page/${visits % 100}` }, (response) => {
    response.resume();
  });
}, everyMs);

serve({ visits: () => visits });
