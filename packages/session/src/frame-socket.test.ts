import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { encodeFrame, type Frame } from '@extension-events/protocol';
import { ExtensionEventError } from '@extension-events/core';
import { FrameSocket, openSocket } from './frame-socket.ts';

const open: Disposable[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each[Symbol.dispose]();
});

async function connect(answer: (socket: Socket, bytes: Buffer) => void) {
  const path = join(tmpdir(), `ee-frames-${process.pid}-${Math.random().toString(36).slice(2)}.sock`); // prettier-ignore
  const server = createServer((socket) => {
    socket.on('data', (bytes) => answer(socket, bytes));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => void server.listen(path, resolve));
  open.push({ [Symbol.dispose]: () => void server.close() });
  const socket = await openSocket(path);
  let end: ExtensionEventError | undefined;
  const frames = new FrameSocket(socket, () => undefined, (error) => void (end = error)); // prettier-ignore
  const closed = once(socket, 'close').then(() => end);
  open.push({ [Symbol.dispose]: () => frames.destroy() });
  return { closed, frames };
}

const question: Frame = { kind: 'unlisten', listen: 1 };
const answer = encodeFrame({ kind: 'unlisten', listen: 1, re: 1 });

it('rejects a request whose answer cannot be taken in, and ends with the reason', async () => {
  const { closed, frames } = await connect((socket) => socket.write(answer));
  const problem = new ExtensionEventError('EE_TEST', 'The answer makes no sense.', '');
  const asked = frames.request(question, () => {
    throw problem;
  });
  await expect(asked).rejects.toBe(problem);
  expect(await closed).toBe(problem);
});

it('tells all that wait for an answer what was wrong with what came', async () => {
  const { closed, frames } = await connect((socket) => socket.write(Buffer.alloc(64, 0xff)));
  const asked = frames.request(question);
  const error = await asked.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ExtensionEventError);
  expect(await closed).toBe(error);
});

it('knows no reason where the other side just goes', async () => {
  const { closed, frames } = await connect((socket) => socket.destroy());
  await expect(frames.request(question)).rejects.toMatchObject({ code: 'EE_CONNECTION_LOST' });
  expect(await closed).toBeUndefined();
});
