import { ExtensionEventError } from '@extension-events/core';
import { checkBody } from './check.ts';
import { type Frame, type FrameKind, frameKinds } from './frames.ts';

/** Longest frame that is accepted, kind and body together. */
export const maxFrameBytes: number = 16 * 1024 * 1024;

const prefixBytes = 5;
const recordsPrefixBytes = 8;
const kindNames = new Map<number, FrameKind>(
  Object.entries(frameKinds).map(([name, number]) => [number, name as FrameKind]),
);
const utf8 = new TextEncoder();
const text = new TextDecoder('utf-8', { fatal: true });

// Records come to lie on a multiple of 8, as they do in the ring: shared memory is copied word by
// word then, and byte by byte otherwise, which takes six times as long.
const startOfFrame = -(prefixBytes + recordsPrefixBytes) & 7;

/** Room for one frame, where its records lie well; it is not cleared. */
export function createFrameRoom(bytes: number): Uint8Array {
  return new Uint8Array(Buffer.allocUnsafeSlow(startOfFrame + bytes).buffer, startOfFrame);
}

/**
 * Encodes one frame. The bytes of a `records` frame are copied.
 *
 * @param room - of {@link createFrameRoom}: taken for the frame, if it is large enough
 * @throws ExtensionEventError `EE_FRAME_TOO_LARGE`
 */
export function encodeFrame(frame: Frame, room?: Uint8Array): Uint8Array {
  if (frame.kind === 'records') {
    const out = begin(frame.kind, recordsPrefixBytes + frame.bytes.length, room);
    const view = new DataView(out.buffer, out.byteOffset);
    view.setUint32(prefixBytes, frame.thread, true);
    view.setUint32(prefixBytes + 4, 0, true);
    out.set(frame.bytes, prefixBytes + recordsPrefixBytes);
    return out;
  }
  const { kind, ...body } = frame;
  const bytes = utf8.encode(JSON.stringify(body, plainBigInts));
  const out = begin(kind, bytes.length, room);
  out.set(bytes, prefixBytes);
  return out;
}

// u64 and i64 payload fields and bytes travel in JSON as they are printed.
function plainBigInts(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return value;
}

function begin(kind: FrameKind, bodyBytes: number, room: Uint8Array | undefined): Uint8Array {
  const length = 1 + bodyBytes;
  if (length > maxFrameBytes) throw tooLarge(length);
  const bytes = prefixBytes + bodyBytes;
  const out = room === undefined || room.length < bytes ? createFrameRoom(bytes) : room.subarray(0, bytes); // prettier-ignore
  new DataView(out.buffer, out.byteOffset).setUint32(0, length, true);
  out[4] = frameKinds[kind];
  return out;
}

function tooLarge(length: number): ExtensionEventError {
  return new ExtensionEventError(
    'EE_FRAME_TOO_LARGE',
    `A frame says that it has ${length} bytes; the limit is ${maxFrameBytes}.`,
    'The other side is not an extension-events peer, or is broken: close the connection.',
  );
}

/**
 * Cuts a byte stream into frames. Feed it chunks as they arrive; it keeps a copy of the unfinished
 * rest. After an error it must be thrown away with its connection.
 */
export class FrameDecoder {
  /** Pieces of the frame that has not ended; joined once, when it is whole. */
  #rest: Uint8Array[] = [];
  #restBytes = 0;
  #neededBytes = prefixBytes;

  /**
   * @returns the frames that this chunk completes; the bytes of `records` may be views of it
   * @throws ExtensionEventError `EE_FRAME_TOO_LARGE`, `EE_FRAME_KIND`, `EE_FRAME_BODY`
   */
  push(chunk: Uint8Array): Frame[] {
    if (this.#restBytes + chunk.length < this.#neededBytes) {
      this.#keep(chunk);
      return [];
    }
    const bytes = this.#restBytes === 0 ? chunk : concat([...this.#rest, chunk]);
    this.#rest = [];
    this.#restBytes = 0;
    this.#neededBytes = prefixBytes;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const frames: Frame[] = [];
    let at = 0;
    while (bytes.length - at >= prefixBytes) {
      const length = view.getUint32(at, true);
      if (length > maxFrameBytes) throw tooLarge(length);
      if (length < 1) throw badBody('frame', 'it is empty');
      if (bytes.length - at < 4 + length) {
        this.#neededBytes = 4 + length;
        break;
      }
      frames.push(
        decodeFrame(view.getUint8(at + 4), bytes.subarray(at + prefixBytes, at + 4 + length)),
      );
      at += 4 + length;
    }
    if (at < bytes.length) this.#keep(bytes.subarray(at));
    return frames;
  }

  #keep(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#rest.push(Uint8Array.from(piece));
    this.#restBytes += piece.length;
  }

  /** Bytes of a frame that has not ended yet. */
  get pendingBytes(): number {
    return this.#restBytes;
  }
}

function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

function badBody(kind: string, reason: string): ExtensionEventError {
  return new ExtensionEventError(
    'EE_FRAME_BODY',
    `A ${kind} frame is malformed: ${reason}.`,
    'Both sides must come from compatible releases; see protocolVersion in the hello frames.',
  );
}

function decodeFrame(number: number, body: Uint8Array): Frame {
  const kind = kindNames.get(number);
  if (kind === undefined) {
    throw new ExtensionEventError(
      'EE_FRAME_KIND',
      `Frame kind ${number} is unknown.`,
      'The other side is newer or is not an extension-events peer.',
    );
  }
  if (kind === 'records') return decodeRecords(body);
  let value: unknown;
  try {
    value = JSON.parse(text.decode(body));
  } catch (cause) {
    throw badBody(kind, cause instanceof Error ? cause.message : 'it is not JSON');
  }
  const problem = checkBody(kind, value);
  if (problem !== undefined) throw badBody(kind, problem);
  return { ...(value as object), kind } as Frame;
}

function decodeRecords(body: Uint8Array): Frame {
  if (body.length < recordsPrefixBytes) throw badBody('records', 'its prefix is cut off');
  const thread = new DataView(body.buffer, body.byteOffset, body.byteLength).getUint32(0, true);
  return { kind: 'records', thread, bytes: body.subarray(recordsPrefixBytes) };
}
