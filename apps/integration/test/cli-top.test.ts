/** `extev top` over real processes. */
import { expect, it } from 'vitest';
import { startFixture, until } from './support-cli/child.ts';
import { extev, readLines, startExtev } from './support-cli/extev.ts';

interface TopDocument {
  readonly v: number;
  readonly heard: readonly string[];
  readonly processes: readonly { readonly pid: number }[];
  readonly events: readonly { readonly name: string; readonly total: number; readonly perSecond: number; readonly number?: { readonly field: string; readonly p50: number } }[]; // prettier-ignore
  readonly lost: number;
}

const documents = (text: string): TopDocument[] => readLines(text) as unknown as TopDocument[];

it('tells the event types of a process as JSON, with totals that are exact', async () => {
  await using poster = startFixture('poster.mjs');
  poster.tell('ready?');
  await poster.says('ready');
  await using top = startExtev(['top', String(poster.pid), 'story.*', '--json', '--interval', '300']); // prettier-ignore
  await top.says('heard in process');
  poster.tell('post 1009');
  await poster.says('posted 1009');
  const found = (): TopDocument | undefined => documents(top.stdout.slice(0, top.stdout.lastIndexOf('\n') + 1)).at(-1); // prettier-ignore
  const prime = () => found()?.events.find(({ name }) => name === 'story.prime');
  await until(() => prime()?.total === 1009 && prime()?.number !== undefined, () => top.stdout + top.stderr); // prettier-ignore
  expect(found()).toMatchObject({ v: 1, heard: ['story.*'], lost: 0, processes: [{ pid: poster.pid }] }); // prettier-ignore
  poster.tell('exit 3');
  const { code, stderr } = await top.outcome;
  expect(code).toBe(0);
  expect(stderr).toContain('exited with status 3');
});

it('without a pattern hears what is posted anyway, and loads nothing', async () => {
  await using poster = startFixture('poster.mjs');
  poster.tell('ready?');
  await poster.says('ready');
  await using top = startExtev(['top', String(poster.pid), '--interval', '300']);
  await top.says('posted there anyway');
  poster.tell('post 101');
  await until(
    () => /story\.prime +\d+ +101 /.test(top.stdout),
    () => top.stdout + top.stderr,
  );
  const { stdout } = await extev('events', String(poster.pid), '--json');
  const { events } = JSON.parse(stdout) as { events: { name: string; listeners: number }[] };
  expect(events.find(({ name }) => name === 'net.send')?.listeners ?? 0).toBe(0);
  top.process.kill('SIGINT');
  expect((await top.outcome).code).toBe(130);
});

it('without a target hears each process that has an agent already, and attaches to no other', async () => {
  await using poster = startFixture('poster.mjs');
  await using other = startFixture('poster.mjs');
  for (const each of [poster, other]) each.tell('ready?');
  await Promise.all([poster.says('ready'), other.says('ready')]);
  await using listener = startExtev([
    'listen',
    String(poster.pid),
    'story.prime',
    '--where',
    'n == 0',
  ]);
  await listener.says('listening');
  await using top = startExtev(['top', '--json', '--interval', '300']);
  await top.says('every process that has an agent');
  const last = (): TopDocument | undefined => documents(top.stdout.slice(0, top.stdout.lastIndexOf('\n') + 1)).at(-1); // prettier-ignore
  await until(() => last()?.processes.some(({ pid }) => pid === poster.pid) === true, () => top.stdout + top.stderr); // prettier-ignore
  for (const each of [poster, other]) each.tell('post 1013');
  await Promise.all([poster.says('posted 1013'), other.says('posted 1013')]);
  const prime = () => last()?.events.find(({ name }) => name === 'story.prime');
  await until(() => prime()?.total === 1013, () => top.stdout + top.stderr); // prettier-ignore
  expect(last()?.processes.map(({ pid }) => pid)).not.toContain(other.pid);
  top.process.kill('SIGINT');
  expect((await top.outcome).code).toBe(130);
});

it('ends after --count, and refuses what makes no sense', async () => {
  await using poster = startFixture('poster.mjs');
  poster.tell('ready?');
  await poster.says('ready');
  const { code, stdout } = await extev('top', '-p', String(poster.pid), '--json', '--count', '2', '--interval', '200'); // prettier-ignore
  expect(code).toBe(0);
  expect(documents(stdout)).toHaveLength(2);
  expect((await extev('top', 'No-Pattern')).code).toBe(2);
});
