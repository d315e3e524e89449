/** Both the agent and the host know `net.*`: what a JavaScript thread sends is told once. */
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { Child } from './support-cli/child.ts';
import { readLines, startExtev } from './support-cli/extev.ts';
import { isRoot } from './support-cli/native.ts';

const program = fileURLToPath(new URL('../fixtures/native/both.mjs', import.meta.url));
const sends = 23;

it('a Node.js program is heard once, with the kernel listening too, and the agent not at all', async (context) => {
  if (!isRoot) context.skip('needs root: sock:* tracepoints are not for everybody');
  await using target = new Child(process.execPath, ['--inspect-port=0', program]);
  await target.says('ready');
  await using listener = startExtev(['listen', String(target.pid), 'net.*', '--json']);
  await listener.says('listening to net.*');
  await using kernel = startExtev(['listen', String(target.pid), 'tracepoint:sock:sock_send_length', '--json', '--max-hit', String(sends)]); // prettier-ignore
  await kernel.says('listening');
  target.tell(String(sends));
  await target.says('sent');
  // The kernel has seen them all; what it had to say of them has been said.
  expect((await kernel.outcome).code).toBe(0);
  listener.process.kill('SIGINT');
  const { stdout } = await listener.outcome;
  const sent = readLines(stdout).filter(({ event, payload }) => event === 'net.send' && (payload as { protocol: string }).protocol === 'tcp'); // prettier-ignore
  expect(sent.map(({ payload }) => (payload as { len: number }).len)).toEqual(Array.from({ length: sends }, (_, i) => 10 + (i % 5))); // prettier-ignore
  expect(new Set(sent.map(({ tid }) => tid))).toEqual(new Set([target.pid]));
  // Of other threads the kernel tells: the C library asks for a name in one of libuv's.
  const others = readLines(stdout).filter(({ tid }) => tid !== undefined && tid !== target.pid);
  expect(others.length).toBeGreaterThan(0);
  // Nothing of what the agent itself sends to its consumers.
  expect(others.filter(({ event, payload }) => event === 'net.send' && (payload as { protocol: string }).protocol === 'pipe')).toEqual([]); // prettier-ignore
});
