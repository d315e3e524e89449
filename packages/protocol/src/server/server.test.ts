// oxlint-disable unicorn/consistent-function-scoping -- small helpers stand beside their use
import { lstatSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ExtensionEventError, getRegistry } from '@extension-events/core';
import { type Frame, FrameDecoder } from '../index.ts';
import { compareTypes, mergeTypes } from './catalogue.ts';
import { Consumer } from './consumer.ts';
import { ListenBook, type RoutedListen } from './listen-book.ts';
import { Producers } from './producers.ts';
import { RecordedThread } from './recorded-thread.ts';
import { serveSocket } from './serve-socket.ts';
import { Turns } from './turns.ts';

let directory = '';
const servers: (Server | undefined)[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ee-server-'));
});
afterEach(() => {
  for (const server of servers.splice(0)) server?.close();
  rmSync(directory, { recursive: true, force: true });
});

const serve = async (path: string, accept: (socket: Socket) => void = (socket) => socket.end()): Promise<Server | undefined> => {
  const server = await serveSocket(path, accept);
  servers.push(server);
  return server;
}; // prettier-ignore

describe('a socket', () => {
  it('is served for its owner alone, by one server', async () => {
    const path = join(directory, 's');
    expect(await serve(path)).toBeDefined();
    expect(lstatSync(path).mode & 0o777).toBe(0o600);
    expect(await serve(path)).toBeUndefined();
  });

  it('that a dead server left behind is taken over', async () => {
    const path = join(directory, 's');
    // A socket file without a server: what a killed process leaves.
    const dead = createServer();
    await new Promise<void>((resolve) => dead.listen(join(directory, 'd'), resolve));
    const { linkSync } = await import('node:fs');
    linkSync(join(directory, 'd'), path);
    await new Promise((resolve) => dead.close(resolve));
    expect(await serve(path)).toBeDefined();
  });

  it('that cannot be made is an error', async () => {
    writeFileSync(join(directory, 'file'), '');
    await expect(serveSocket(join(directory, 'file', 's'), () => undefined)).rejects.toThrow(/ENOTDIR/); // prettier-ignore
  });
});

async function converse(serveFrame: (consumer: Consumer, frame: Frame) => void, sent: Uint8Array): Promise<Frame[]> {
  const path = join(directory, 's');
  await serve(path, (socket) => {
    const consumer = new Consumer(1, socket, { code: 'EE_TEST_FAULT', hint: 'ours' }, {
      frame: (frame) => serveFrame(consumer, frame),
      closed: () => undefined,
    });
  });
  const frames: Frame[] = [];
  const decoder = new FrameDecoder();
  const socket = connect(path);
  socket.write(sent);
  socket.end();
  for await (const chunk of socket) frames.push(...decoder.push(chunk as Uint8Array));
  return frames;
} // prettier-ignore

describe('a consumer', () => {
  const request = (text: string): Uint8Array => {
    const body = Buffer.from(text);
    const out = Buffer.alloc(5 + body.length);
    out.writeUInt32LE(1 + body.length);
    out[4] = 3; // threads
    body.copy(out, 5);
    return out;
  };

  it('gets a coded refusal to its request, and a goodbye where there is no number to answer to', async () => {
    const coded = new ExtensionEventError('EE_X', 'x', 'y');
    const numbered = await converse((one, frame) => {
      one.refuse(frame, coded);
      one.refuse(frame, new Error('unforeseen'));
      one.close();
    }, request('{"id":7,"threads":[]}'));
    expect(numbered).toEqual([
      { kind: 'threads', re: 7, threads: [], error: { code: 'EE_X', message: 'x', hint: 'y' } },
      { kind: 'threads', re: 7, threads: [], error: { code: 'EE_TEST_FAULT', message: 'unforeseen', hint: 'ours' } },
    ]); // prettier-ignore
    const loose = await converse((one, frame) => one.refuse(frame, coded), request('{"threads":[]}')); // prettier-ignore
    expect(loose).toMatchObject([{ kind: 'bye', reason: 'protocol-error' }]);
  });

  it('that sends nonsense is told so, and the connection ends', async () => {
    const frames = await converse(() => undefined, Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    expect(frames).toMatchObject([{ kind: 'bye', error: { code: 'EE_FRAME_TOO_LARGE' } }]);
  });
});

describe('the book of listens', () => {
  const losses: unknown[][] = [];
  const consumer = { lose: (...loss: unknown[]) => losses.push(loss) } as unknown as Consumer;
  const listen = (id: number, slot: number): RoutedListen => ({ spec: { id, slot }, consumer, number: id * 10 }); // prettier-ignore

  it('has 32 slots, and keeps one until its last records have gone', () => {
    const book = new ListenBook<RoutedListen>();
    const all = Array.from({ length: 32 }, () => listen(book.takeId(), book.freeSlot()));
    for (const [slot, one] of all.entries()) book.add({ ...one, spec: { ...one.spec, slot } });
    expect(() => book.freeSlot()).toThrow(expect.objectContaining({ code: 'EE_LISTEN_SLOTS' }));
    const third = book.find(consumer, 30);
    book.end(third);
    expect(() => book.freeSlot()).toThrow(expect.objectContaining({ code: 'EE_LISTEN_SLOTS' }));
    expect(() => book.find(consumer, 30)).toThrow(expect.objectContaining({ code: 'EE_LISTEN_UNKNOWN' })); // prettier-ignore
    expect(book.recall(third.spec.id)).toBe(third);
    expect(book.atSlot(2)).toBe(third);
    book.free(third);
    expect(book.freeSlot()).toBe(2);
  });

  it('adds up what each thread has, and tells losses that the ring could not', () => {
    const book = new ListenBook<RoutedListen>();
    const one = listen(1, 4);
    book.add(one);
    const thread = new RecordedThread(9);
    thread.reader = { counters: () => ({ matched: 10, lost: 3, throttled: 1 }) } as never;
    thread.told.set(1, 1);
    thread.drop(1, 2);
    expect(book.finalAccounts(consumer, [thread, new RecordedThread(8)])).toEqual([
      { thread: 9, matched: 10, lost: 5, throttled: 1, listen: 10 },
    ]);
    expect(losses).toEqual([[10, 9, 'ring-full', 2]]);
  });
});

describe('producers', () => {
  const url = (text: string): string => `data:text/javascript,${encodeURIComponent(text)}`;
  const producers = (): Producers<object> => new Producers(getRegistry(), {}, 'a good file');

  it('are loaded once, and provide names of their schemes', async () => {
    const source = url(`globalThis.calls = []; export const producer = { id: 'p', schemes: ['a'], eventTypes: [{ name: 'x' }], isSupported: () => ({ ok: true }),
      start: () => { calls.push('start'); return { provide: (n) => calls.push(n), [Symbol.dispose]: () => calls.push('stop') }; } }`); // prettier-ignore
    const all = producers();
    const frame = { kind: 'load-producer', producer: 'p', url: source } as const;
    const [one, two] = await Promise.all([all.load(frame), all.load(frame)]);
    expect([one, two]).toEqual([[{ name: 'x' }], [{ name: 'x' }]]);
    for (const name of ['a:b:c', 'b:a', 'plain.name']) await all.provide(name);
    all.stopAll();
    expect((globalThis as { calls?: unknown }).calls).toEqual(['start', 'a:b:c', 'stop']);
  });

  it('that cannot be loaded, or not work here, say why', async () => {
    const all = producers();
    const load = (text: string) =>
      all.load({ kind: 'load-producer', producer: 'q', url: url(text) });
    await expect(load('syntax error')).rejects.toMatchObject({ code: 'EE_PRODUCER_LOAD', hint: 'a good file' }); // prettier-ignore
    await expect(load('export const other = 1')).rejects.toMatchObject({
      code: 'EE_PRODUCER_LOAD',
    });
    await expect(load(`export const producer = { isSupported: () => ({ ok: false, code: 'EE_NO', reason: 'r', hint: 'h' }) }`)).rejects.toMatchObject({ code: 'EE_NO' }); // prettier-ignore
  });
});

describe('catalogues', () => {
  const type = (name: string, heard: number, more: object = {}) => ({ index: 1, generation: 1, listeners: heard, heard, descriptor: { name, fields: {}, ...more } as never }); // prettier-ignore

  it('of several threads become one, and their changes are told', () => {
    const before = mergeTypes([
      { key: 1, types: [type('b', 1), type('a', 2)] },
      { key: 2, types: [type('b', 3)] },
    ]);
    expect(before).toMatchObject([
      { descriptor: { name: 'a' }, threads: [1], heard: 2 },
      { descriptor: { name: 'b' }, threads: [1, 2], listeners: 3, heard: 4 },
    ]);
    const after = mergeTypes([{ key: 1, types: [type('b', 9), type('c', 0)] }]);
    expect(compareTypes(before, after)).toMatchObject({
      added: [{ descriptor: { name: 'b' } }, { descriptor: { name: 'c' } }],
      removed: ['a'],
    });
    expect(compareTypes(after, after)).toEqual({ added: [], removed: [] });
  });

  it('show the fields that one thread has learned, whichever comes first, and tell when they are', () => {
    const learned = type('a', 1, { fields: { json: {}, id: {} } });
    const provisional = type('a', 0, { fields: { json: {} }, isProvisional: true });
    const before = mergeTypes([{ key: 1, types: [provisional] }, { key: 2, types: [provisional] }]); // prettier-ignore
    for (const types of [[provisional, learned], [learned, provisional]]) {
      const after = mergeTypes(types.map((one, i) => ({ key: i + 1, types: [one] })));
      expect(compareTypes(before, after)).toEqual({ added: after, removed: [] });
      expect(after).toMatchObject([{ descriptor: learned.descriptor, threads: [1, 2] }]);
    }
  }); // prettier-ignore
});

it('tasks in turns do not overlap, and what goes wrong reaches who asked', async () => {
  const faults: unknown[] = [];
  const turns = new Turns((error) => faults.push(error));
  const log: string[] = [];
  const task = (name: string) => async () => {
    log.push(`${name} begins`);
    await new Promise((resolve) => setImmediate(resolve));
    log.push(`${name} ends`);
  };
  const failing = async (): Promise<void> => {
    throw new Error('x');
  };
  await Promise.all([
    turns.run(task('a')),
    turns.run(failing),
    expect(turns.runFor(failing)).rejects.toThrow('x'),
    turns.run(task('b')),
  ]);
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  expect(faults).toHaveLength(1);
});
