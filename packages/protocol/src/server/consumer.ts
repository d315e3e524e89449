import type { Socket } from 'node:net';
import { createFrameRoom, encodeFrame, FrameDecoder } from '../codec.ts';
import type { Budget, Frame, Grant, LossReason } from '../frames.ts';
import { type Fault, wireError } from './wire-error.ts';

// What waits for a consumer that reads too slowly; beyond it records are dropped and counted.
const maxQueuedBytes = 16 * 1024 * 1024;

// A frame of records, for most of them: memory that is new each time costs as much as the copy.
const roomBytes = 80 * 1024;

/** A loss on its way to a consumer. */
interface PendingLoss {
  readonly listen: number;
  readonly thread: number;
  readonly reason: LossReason;
  count: number;
}

/** What becomes of a connection. */
export interface ConsumerEvents {
  frame(frame: Frame): void;
  closed(): void;
}

/** One connected consumer: its socket, what it was granted, and what it is owed. */
export class Consumer {
  readonly number: number;
  name = 'unknown';
  isReady = false;
  grants: readonly Grant[] = [];
  budget: Budget | undefined;
  readonly #socket: Socket;
  readonly #fault: Fault;
  /** For the next frame of records. */
  #room: Uint8Array | undefined;
  /** Type definitions sent: thread key * 65536 + type number. */
  readonly #defined: Set<number> = new Set();
  readonly #losses: Map<string, PendingLoss> = new Map();

  /** @param fault - how an error without a code is told */
  constructor(number: number, socket: Socket, fault: Fault, events: ConsumerEvents) {
    this.number = number;
    this.#socket = socket;
    this.#fault = fault;
    const decoder = new FrameDecoder();
    socket.on('data', (chunk) => {
      try {
        for (const frame of decoder.push(chunk)) events.frame(frame);
      } catch (error) {
        this.send({ kind: 'bye', reason: 'protocol-error', error: wireError(error, fault) });
        socket.end();
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => events.closed());
  }

  has(grant: Grant): boolean {
    return this.grants.includes(grant);
  }

  send(frame: Frame): void {
    const socket = this.#socket;
    if (socket.destroyed || socket.writableEnded) return;
    if (frame.kind !== 'records') {
      socket.write(encodeFrame(frame));
      return;
    }
    const room = this.#room ?? createFrameRoom(roomBytes);
    socket.write(encodeFrame(frame, room));
    // What the kernel did not take at once is the socket's until it has.
    this.#room = socket.writableLength === 0 ? room : undefined;
  }

  /** Answers a frame with what went wrong; without a number to answer to, the connection ends. */
  refuse(frame: Frame, error: unknown): void {
    const { id } = frame as { id?: number };
    const wire = wireError(error, this.#fault);
    if (id === undefined) {
      this.send({ kind: 'bye', reason: 'protocol-error', error: wire });
      this.close();
      return;
    }
    const rest = frame.kind === 'threads' ? { threads: [] } : {};
    this.send({ kind: frame.kind, re: id, error: wire, ...rest } as Frame);
  }

  /** Can it take more records? */
  get isBehind(): boolean {
    return this.#socket.writableLength > maxQueuedBytes || this.#socket.destroyed;
  }

  /** Remembers a loss, to be told before the next records of that thread. */
  lose(listen: number, thread: number, reason: LossReason, count: number): void {
    const id = `${listen}:${thread}:${reason}`;
    const present = this.#losses.get(id);
    if (present === undefined) this.#losses.set(id, { listen, thread, reason, count });
    else present.count += count;
  }

  /** Tells the losses that wait. */
  tellLosses(): void {
    if (this.#losses.size === 0) return;
    for (const loss of this.#losses.values()) this.send({ kind: 'loss', ...loss });
    this.#losses.clear();
  }

  /** Is this the first record of the type that the consumer gets from this thread? Remembers it. */
  needsDefinition(thread: number, index: number): boolean {
    const id = thread * 65_536 + index;
    if (this.#defined.has(id)) return false;
    this.#defined.add(id);
    return true;
  }

  /** The type's number has got another meaning. */
  forgetDefinition(thread: number, index: number): void {
    this.#defined.delete(thread * 65_536 + index);
  }

  /** Resolves when all that was sent has left this process, or the limit has passed. */
  flush(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, limitMs);
      this.#socket.write('', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /**
   * Resolves when the other side has read our goodbye and ended the connection, or has read nothing
   * for so long. Who writes to a socket that is gone loses what it has not read yet: the goodbye.
   */
  left(patienceMs: number): Promise<void> {
    if (this.#socket.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      // Bytes that leave are no silence, also within one long write: Node looks at its queue.
      this.#socket.setTimeout(patienceMs, resolve);
      this.#socket.once('close', () => resolve());
    });
  }

  close(): void {
    this.#socket.end();
  }
}
