import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { FrameDecoder } from '../codec.ts';
import type { Frame } from '../frames.ts';
import { Consumer } from './consumer.ts';

/** A consumer as the server has it, and the socket at its other end. */
async function connect(): Promise<{ consumer: Consumer; other: net.Socket }> {
  const directory = mkdtempSync(join(tmpdir(), 'consumer-'));
  const server = net.createServer().listen(join(directory, 's'));
  await once(server, 'listening');
  const other = net.connect(join(directory, 's'));
  const [socket] = (await once(server, 'connection')) as [net.Socket];
  onTestFinished(() => {
    other.destroy();
    socket.destroy();
    server.close();
    rmSync(directory, { recursive: true });
  });
  const fault = { code: 'EE_FAULT', hint: '' } as never;
  const events = { frame: (): void => {}, closed: (): void => {} };
  return { consumer: new Consumer(1, socket, fault, events), other };
}

it('sends records whole to a consumer that reads at once, and to one that reads later', async () => {
  const { consumer, other } = await connect();
  const decoder = new FrameDecoder();
  const received: Frame[] = [];
  const hear = (): void => {
    other.on('data', (chunk) => {
      for (const frame of decoder.push(chunk)) {
        received.push(frame.kind === 'records' ? { ...frame, bytes: Uint8Array.from(frame.bytes) } : frame); // prettier-ignore
      }
    });
  };
  // The ring's own bytes: they are others as soon as a frame has been sent.
  const ring = new Uint8Array(new SharedArrayBuffer(100_000));
  const sent: Frame[] = [];
  const send = (thread: number, length: number): void => {
    ring.fill(thread);
    const frame: Frame = { kind: 'records', thread, bytes: ring.subarray(8, 8 + length) };
    sent.push({ ...frame, bytes: Uint8Array.from(frame.bytes) });
    consumer.send(frame);
  };
  // Far more than a socket holds, of all lengths.
  for (let i = 0; i < 200; i++) send(i, (i * 7919) % 90_000);
  expect(consumer.isBehind).toBe(false);
  hear();
  while (received.length < 200) await once(other, 'data');
  for (let i = 200; i < 240; i++) {
    send(i, i);
    consumer.send({ kind: 'loss', listen: i, thread: 1, reason: 'ring-full', count: 1 });
    while (received.length < 200 + (i - 199) * 2) await once(other, 'data');
  }
  expect(received.filter(({ kind }) => kind === 'records')).toEqual(sent);
});
