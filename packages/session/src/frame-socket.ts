import { connect, type Socket } from 'node:net';
import { ExtensionEventError } from '@extension-events/core';
import { encodeFrame, type Frame, FrameDecoder } from '@extension-events/protocol';

/** Opens the socket of an agent or host. */
export function openSocket(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', (cause) =>
      reject(connectionLost(`it could not be opened (${cause.message})`, cause)),
    );
  });
}

/** The error of whatever waited for an answer that cannot come any more. */
export function connectionLost(reason: string, cause?: unknown): ExtensionEventError {
  return new ExtensionEventError('EE_CONNECTION_LOST', `The connection to the process is gone: ${reason}.`, 'See extev ls: the process may have ended.', { cause }); // prettier-ignore
}

/** Frames in both directions over one socket, and the answers to numbered requests. */
export class FrameSocket {
  readonly #socket: Socket;
  readonly #waiting: Map<
    number,
    { resolve: (frame: Frame) => void; reject: (error: unknown) => void }
  > = new Map();
  #nextId = 1;
  #isClosed = false;

  /** @param onClosed - with what was wrong with what came, when that is why */
  constructor(
    socket: Socket,
    onFrame: (frame: Frame) => void,
    onClosed: (error?: ExtensionEventError) => void,
  ) {
    this.#socket = socket;
    const decoder = new FrameDecoder();
    let broken: ExtensionEventError | undefined;
    socket.on('data', (chunk) => {
      try {
        for (const frame of decoder.push(chunk)) this.#take(frame, onFrame);
      } catch (error) {
        broken ??= error instanceof ExtensionEventError ? error : connectionLost(`what it said was not understood (${String(error)})`, error); // prettier-ignore
        socket.destroy();
      }
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#isClosed = true;
      for (const { reject } of this.#waiting.values())
        reject(broken ?? connectionLost('it was closed by the other side'));
      this.#waiting.clear();
      onClosed(broken);
    });
  }

  #take(frame: Frame, onFrame: (frame: Frame) => void): void {
    const { re, error } = frame as {
      re?: number;
      error?: { code: string; message: string; hint: string };
    };
    const waiting = re === undefined ? undefined : this.#waiting.get(re);
    if (re === undefined || waiting === undefined) return onFrame(frame);
    this.#waiting.delete(re);
    if (error === undefined) waiting.resolve(frame);
    else waiting.reject(new ExtensionEventError(error.code, error.message, error.hint));
  }

  send(frame: Frame): void {
    if (!this.#isClosed) this.#socket.write(encodeFrame(frame));
  }

  /**
   * Sends a request and resolves with its answer; rejects with the coded refusal.
   *
   * @param onAnswer - called at once, before the next frame of the same chunk is looked at
   */
  request<K extends Frame['kind']>(
    frame: Extract<Frame, { kind: K }>,
    onAnswer: (answer: Extract<Frame, { kind: K }>) => void = () => undefined,
  ): Promise<Extract<Frame, { kind: K }>> {
    if (this.#isClosed) return Promise.reject(connectionLost('it is closed'));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const take = (answer: Frame): void => {
        try {
          onAnswer(answer as Extract<Frame, { kind: K }>);
        } catch (error) {
          reject(error);
          throw error;
        }
        resolve(answer as Extract<Frame, { kind: K }>);
      };
      this.#waiting.set(id, { resolve: take, reject });
      this.send({ ...frame, id });
    });
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
