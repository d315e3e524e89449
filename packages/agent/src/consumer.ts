import type { Socket } from 'node:net';
import { type ExtensionEventError } from '@extension-events/core';
import { type Budget, encodeFrame, type Frame, FrameDecoder, type Grant, type LossReason, type WireError } from '@extension-events/protocol'; // prettier-ignore
import type { PendingLoss } from './traced-thread.ts';

// What waits for a consumer that reads too slowly; beyond it records are dropped and counted.
const maxQueuedBytes = 16 * 1024 * 1024;

/** An error as it travels. */
export function wireError(error: unknown): WireError {
  const { code, message, hint } = (error ?? {}) as Partial<ExtensionEventError>;
  if (typeof code === 'string' && typeof hint === 'string')
    return { code, message: message ?? '', hint };
  return { code: 'EE_AGENT_FAULT', message: error instanceof Error ? error.message : String(error), hint: 'This is a fault of the agent; the traced program goes on. Please report it.' }; // prettier-ignore
}

/** One connected consumer: its socket, what it was granted, and what it is owed. */
export class Consumer {
  readonly number: number;
  name = 'unknown';
  isReady = false;
  grants: readonly Grant[] = [];
  budget: Budget | undefined;
  readonly #socket: Socket;
  /** Type definitions sent: thread key * 65536 + type number. */
  readonly #defined: Set<number> = new Set();
  readonly #losses: Map<string, PendingLoss> = new Map();

  constructor(
    number: number,
    socket: Socket,
    onFrame: (frame: Frame) => void,
    onClosed: () => void,
  ) {
    this.number = number;
    this.#socket = socket;
    const decoder = new FrameDecoder();
    socket.on('data', (chunk) => {
      try {
        for (const frame of decoder.push(chunk)) onFrame(frame);
      } catch (error) {
        this.send({ kind: 'bye', reason: 'protocol-error', error: wireError(error) });
        socket.end();
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', onClosed);
  }

  has(grant: Grant): boolean {
    return this.grants.includes(grant);
  }

  send(frame: Frame): void {
    if (!this.#socket.destroyed && !this.#socket.writableEnded)
      this.#socket.write(encodeFrame(frame));
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

  close(): void {
    this.#socket.end();
  }
}
