import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getRegistry } from '@extension-events/core';
import type { Producer } from '@extension-events/core';
import { producerContract } from '@extension-events/core/testing';
import type { LinuxHost } from '@extension-events/platform-linux';
import { readTracefs } from '@extension-events/platform-linux/tracefs';
import { afterAll, describe, expect, it } from 'vitest';
import { createFakeHost } from '../fixtures/fake-host.ts';
import { listenTo } from '../fixtures/probed.ts';
import { describeUprobe, describeUsdt } from './events.ts';
import { createTracepointProducer, tracepointErrorCodes } from './index.ts';
import { explainRefusal } from './permission.ts';

const directory = mkdtempSync(join(tmpdir(), 'tracepoint-unit-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

for (const [i, name] of ['sock/send', 'syscalls/send'].entries()) {
  const at = join(directory, 'events', name);
  mkdirSync(at, { recursive: true });
  const fields = '\tfield:int ret;\toffset:8;\tsize:4;\tsigned:1;\n\tfield:size_t len;\toffset:16;\tsize:8;\tsigned:0;\n\tfield:char comm[8];\toffset:24;\tsize:8;\tsigned:0;\n'; // prettier-ignore
  writeFileSync(join(at, 'format'), `name: send\nID: ${13 + i}\nformat:\n${fields}\nprint fmt: "x"\n`); // prettier-ignore
}
writeFileSync(join(directory, 'available_events'), 'sock:send\nsyscalls:send\n');
const opened = await readTracefs([directory]);
const producer = createTracepointProducer({ opened });
const types = await producer.catalogue('tracepoint:**');

/** It registers what it is asked for by name; the contract is about one that has been asked. */
const asked: Producer<LinuxHost> = {
  ...producer,
  eventTypes: types,
  start(registry, host) {
    const running = producer.start(registry, host);
    for (const { name } of types) void running.provide(name);
    return running;
  },
};

const count = (): number => getRegistry().describeTypes().length;
const argument = (sizeBytes: number, isSigned = false, isFloat = false) => ({ sizeBytes, isSigned, isFloat, operand: { kind: 'constant', value: 1n } }) as const; // prettier-ignore

describe('the contract', () => {
  const options = {
    it,
    module: new URL('index.ts', import.meta.url),
    requests: {
      'tracepoint:sock:send': [{}, { filter: 'len == 13' }],
      'tracepoint:syscalls:send': [{ kernel: true }, { kernel: false, stack: true }],
    },
    refused: { 'tracepoint:sock:send': { kernel: false } },
  } as const;
  producerContract(asked, { ...options, createHost: () => createFakeHost() });
  producerContract(asked, { ...options, module: new URL('host.ts', import.meta.url), createHost: () => createFakeHost(() => 'EE_PERF_PERMISSION') }); // prettier-ignore
});

describe('a tracepoint', () => {
  it('is opened as the arming asks, and posts what the record holds', async () => {
    const host = createFakeHost();
    using running = producer.start(getRegistry(), host);
    await running.provide('tracepoint:sock:send');
    using ear = await listenTo('tracepoint:sock:send', { subject: { tid: 42, threadId: 2 }, request: { filter: 'ret == 13', stack: true } }); // prettier-ignore
    const [event] = host.events;
    expect(event?.request).toMatchObject({ event: { type: 'tracepoint', id: 13 }, rate: { period: 1 }, tid: 42, includesKernel: true, filter: 'ret == 13', raw: true, callchain: true, signalsThread: false }); // prettier-ignore
    const record = new Uint8Array(32);
    record[8] = 13;
    record[16] = 14;
    record.set(Buffer.from('me'), 24);
    event?.sample(record);
    event?.sample(record.subarray(0, 31));
    event?.request.onLost?.(5);
    expect(ear.events.map(({ payload, subject, timestampNs }) => ({ payload, subject, timestampNs }))).toEqual([
      { payload: { ret: 13, len: 14n, comm: 'me', stack: '0x1000' }, subject: { tid: 7, threadId: 2 }, timestampNs: 99 },
    ]); // prettier-ignore
    expect(ear.lost()).toBe(6);
    ear[Symbol.dispose]();
    expect(event?.isOpen).toBe(false);
  });

  it('sends its thread a signal when a catchpoint asks, apart from who only listens', async () => {
    const host = createFakeHost();
    using running = producer.start(getRegistry(), host);
    await running.provide('tracepoint:sock:send');
    using ear = await listenTo('tracepoint:sock:send');
    const tap = getRegistry().tap({ mode: 'stop', pattern: 'tracepoint:sock:send' });
    expect(host.events.map(({ request }) => request.signalsThread)).toEqual([false, true]);
    getRegistry().untap(tap);
    expect(host.events.map(({ isOpen }) => isOpen)).toEqual([true, false]);
    expect(ear.events).toEqual([]);
  });

  it('is registered once, however often it is asked for', async () => {
    using running = producer.start(getRegistry(), createFakeHost());
    const before = count();
    await running.provide('tracepoint:sock:send');
    await running.provide('tracepoint:sock:send');
    expect(count()).toBe(before + 1);
    running[Symbol.dispose]();
    expect(count()).toBe(before);
  });

  it('may be asked for again after a refusal, also several times at once', async () => {
    const fresh = createTracepointProducer({ tracepoints: { places: [directory] } });
    expect(fresh.isSupported()).toEqual({ ok: true });
    using running = fresh.start(getRegistry(), createFakeHost());
    const ask = async (name: string): Promise<void> => {
      await running.provide(name);
    };
    const asking = ['tracepoint:sock:sent', 'tracepoint:sock:sent', 'tracepoint:sock:send', 'tracepoint:sock:send'].map(ask); // prettier-ignore
    const outcomes = await Promise.allSettled(asking);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled', 'fulfilled']); // prettier-ignore
    const before = count();
    await ask('tracepoint:sock:send');
    expect(count()).toBe(before);
    await expect(ask('tracepoint:sock:sent')).rejects.toMatchObject({
      code: 'EE_TRACEPOINT_UNKNOWN',
    });
  });
});

describe('a machine without tracefs', () => {
  const bare = createTracepointProducer({ tracepoints: { places: [join(directory, 'nothing')], file: join(directory, 'nothing.json') } }); // prettier-ignore

  it('is said to be one, by every way in', async () => {
    expect(bare.isSupported()).toMatchObject({ ok: false, code: 'EE_TRACEFS_ABSENT' });
    await expect(bare.catalogue('tracepoint:**')).rejects.toMatchObject({ code: 'EE_TRACEFS_ABSENT' }); // prettier-ignore
    using running = bare.start(getRegistry(), createFakeHost());
    await expect(running.provide('tracepoint:sock:send')).rejects.toMatchObject({ code: 'EE_TRACEFS_ABSENT' }); // prettier-ignore
    expect(await bare.catalogue('uprobe:**')).toEqual([]);
  });
});

describe('descriptors', () => {
  it('give USDT arguments the types that the note gives them', () => {
    const typesOf = (...places: ReturnType<typeof argument>[][]): string[] => Object.values(describeUsdt('usdt:/x:p:n', places).fields).map(({ type }) => type); // prettier-ignore
    expect(typesOf([argument(4, true), argument(8), argument(1), argument(8, false, true)])).toEqual(['i32', 'u64', 'u8', 'f64', 'stack']); // prettier-ignore
    expect(typesOf([argument(4, true)], [argument(8, true), argument(2)])).toEqual(['i64', 'u16', 'stack']); // prettier-ignore
    expect(typesOf()).toEqual(['stack']);
  });

  it('explain what a permission error means here', () => {
    const error = Object.assign(new Error('refused'), { code: 'EE_PERF_PERMISSION' });
    expect(explainRefusal(error, 'x')).toMatchObject({ code: 'EE_TRACEPOINT_PERMISSION' });
    const other = Object.assign(new Error('no such thread'), { code: 'EE_PERF_NO_THREAD' });
    expect(explainRefusal(other, 'x')).toBe(other);
    expect(explainRefusal(undefined, 'x')).toBeUndefined();
  });
});

it('the README documents every error, field and parameter', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const rows = Array.from(readme.matchAll(/^\| `(EE_\w+)` +\| (.*?) +\|/gm), ([, code, meaning]) => [code, meaning]); // prettier-ignore
  expect(Object.fromEntries(rows)).toEqual(tracepointErrorCodes);
  const parameters = types.flatMap(({ request = {} }) => Object.keys(request));
  const fields = [describeUprobe('uprobe:/x:y'), describeUprobe('uretprobe:/x:y')].flatMap((each) => Object.keys(each.fields)); // prettier-ignore
  for (const word of [...parameters, ...fields.filter((each) => !/^arg[1-4]$/.test(each))])
    expect(readme).toContain(`\`${word}\``);
});
