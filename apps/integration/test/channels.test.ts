/** Diagnostics channels of a program that knows nothing of us, by name, from another terminal. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Child, until } from './support-cli/child.ts';
import { extev, readLines, startExtev } from './support-cli/extev.ts';

const file = fileURLToPath(new URL('../fixtures/channels/service.mjs', import.meta.url));

async function startService(): Promise<Child> {
  const service = new Child(process.execPath, ['--inspect-port=0', file]);
  await service.says('ready');
  return service;
}

async function startListening(pid: number, ...args: string[]): Promise<Child> {
  const listener = startExtev(['listen', String(pid), ...args, '--json']);
  await listener.says('listening to');
  return listener;
}

/** Ends it, and gives all that it has heard, and its account. */
async function finish(listener: Child): Promise<{ payloads: Record<string, unknown>[]; summary: unknown }> {
  listener.process.kill('SIGINT');
  const lines = readLines((await listener.outcome).stdout);
  const payloads = lines.filter((line) => 'payload' in line).map((line) => line['payload'] as Record<string, unknown>);
  return { payloads, summary: lines.at(-1)?.['summary'] };
} // prettier-ignore

describe('channels of fastify, undici and a module of the program', () => {
  it('are listed and heard by name, with the fields of their messages, and let go', async () => {
    await using service = await startService();
    const pid = String(service.pid);
    await using one = await startListening(service.pid, 'channel:undici:request:create', '--where', "request_path == '/orders/7'"); // prettier-ignore
    await using all = await startListening(service.pid, 'channel:undici:request:create');
    await using handled = await startListening(service.pid, 'channel:tracing:fastify.request.handler', '--where', "phase == 'end'"); // prettier-ignore
    service.tell('ask 13');
    await service.says(
      'done ask 13: undici:request:create,tracing:fastify.request.handler:start\n',
    );

    const listed = await extev('events', pid, 'channel:**', '--json');
    const [document] = readLines(listed.stdout);
    const events = document?.['events'] as { name: string; fields: { name: string }[] }[];
    const names = events.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['channel:shop.shipped', 'channel:undici:request:trailers', 'channel:tracing:fastify.request.handler:error', 'channel:http.server.request.start'])); // prettier-ignore
    const fields = events.find(({ name }) => name === 'channel:undici:request:create')?.fields;
    expect(fields?.map(({ name }) => name)).toEqual(expect.arrayContaining(['json', 'request_method', 'request_path'])); // prettier-ignore

    await until(() => readLines(handled.stdout).length === 13, () => handled.stdout); // prettier-ignore
    const heard = await Promise.all([finish(one), finish(all), finish(handled)]);
    expect(heard.map(({ summary }) => summary)).toEqual([1, 13, 13].map((count) => ({ matched: count, delivered: count, lost: 0, throttled: 0 }))); // prettier-ignore
    expect(heard[0].payloads).toMatchObject([{ request_method: 'GET', request_path: '/orders/7' }]);
    for (const { durationMs, route_url } of heard[2].payloads)
      expect([typeof durationMs, route_url]).toEqual(['number', '/orders/:id']);

    // The libraries are alone again.
    await until(() => {
      service.tell('heard');
      return service.stdout.includes('done heard: \n');
    });
    expect(service.process.exitCode).toBeNull();
  });

  it('are heard by a pattern, also in workers that are born later', async () => {
    await using service = await startService();
    await using listener = await startListening(service.pid, 'channel:shop.*');
    service.tell('ask 7');
    await service.says('done ask 7: shop.shipped');
    service.tell('worker 3');
    await until(() => readLines(listener.stdout).length >= 10, () => `${listener.stdout} ${service.stderr}`); // prettier-ignore
    const ids = readLines(listener.stdout).map(({ payload }) => (payload as { order_id: number }).order_id); // prettier-ignore
    expect(ids.slice(0, 7)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(ids.slice(7).every((id) => id >= 1 && id <= 3)).toBe(true);
  });

  it('with a field that does not come tell so after the first message; with a misspelt predicate, at once', async () => {
    await using service = await startService();
    const broken = await extev('listen', String(service.pid), 'channel:shop.shipped', '--where', 'order_id ==');
    expect([broken.code, broken.stderr]).toEqual([expect.any(Number), expect.stringContaining('EE_EXPR_SYNTAX')]);
    expect(broken.code).not.toBe(0);
    await using listener = await startListening(service.pid, 'channel:shop.shipped', '--where', 'order_no == 13');
    service.tell('ask 1');
    await until(() => listener.stderr.includes('EE_EXPR_FIELD'), () => listener.stderr);
    expect(listener.stderr).toContain('order_id');
  }); // prettier-ignore
});
