// oxlint-disable vitest/no-conditional-expect -- what is expected depends on the generated case
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFrameRoom, encodeFrame, FrameDecoder, maxFrameBytes } from './codec.ts';
import { type Frame, frameKinds } from './frames.ts';
import { samples } from './sample-frames.ts';

const coded = (code: string): unknown => expect.objectContaining({ code });

function decode(bytes: Uint8Array): Frame[] {
  return new FrameDecoder().push(bytes);
}

/** A frame as it would come from anybody: a length, a kind, whatever body. */
function raw(kind: number, body: string | Uint8Array, length?: number): Uint8Array {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const out = new Uint8Array(5 + bytes.length);
  new DataView(out.buffer).setUint32(0, length ?? 1 + bytes.length, true);
  out[4] = kind;
  out.set(bytes, 5);
  return out;
}

describe('a frame', () => {
  it.each(samples)('of kind $kind comes back as it was', (frame) => {
    expect(decode(encodeFrame(frame))).toEqual([frame]);
  });

  it('survives any cutting of the stream into chunks', () => {
    const stream = Uint8Array.from(samples.flatMap((frame) => [...encodeFrame(frame)]));
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 30 }), (cuts) => {
        const decoder = new FrameDecoder();
        const places = [...cuts.toSorted((a, b) => a - b), stream.length];
        let from = 0;
        const frames: Frame[] = [];
        for (const to of places) {
          // The socket uses its chunks again, so that nothing may be remembered by view.
          const chunk = stream.slice(from, to);
          for (const frame of decoder.push(chunk)) {
            frames.push(
              frame.kind === 'records' ? { ...frame, bytes: frame.bytes.slice() } : frame,
            );
          }
          chunk.fill(0xff);
          from = to;
        }
        expect(frames).toEqual(samples);
        expect(decoder.pendingBytes).toBe(0);
      }),
    );
  });

  it('arrives byte by byte, when its last byte does', () => {
    const [hello] = samples;
    if (hello === undefined) return;
    const bytes = encodeFrame(hello);
    const decoder = new FrameDecoder();
    for (const byte of bytes.subarray(0, -1)) expect(decoder.push(Uint8Array.of(byte))).toEqual([]);
    expect(decoder.pendingBytes).toBe(bytes.length - 1);
    expect(decoder.push(bytes.subarray(-1))).toEqual([hello]);
  });

  it('of large size in many chunks takes time in proportion to its size', () => {
    const frame: Frame = { kind: 'records', thread: 1, bytes: new Uint8Array(8 * 1024 * 1024).fill(7) };
    const bytes = encodeFrame(frame);
    const decoder = new FrameDecoder();
    const frames: Frame[] = [];
    for (let at = 0; at < bytes.length; at += 1024) frames.push(...decoder.push(bytes.subarray(at, at + 1024)));
    expect(frames).toHaveLength(1);
    expect(frames[0]).toMatchObject({ kind: 'records', thread: 1 });
  }); // prettier-ignore

  it('carries any text, and bigints and bytes as they are printed', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.bigInt(),
        fc.uint8Array(),
        (text, big, bytes) => {
          const [frame] = decode(
            encodeFrame({ kind: 'debug', id: 1, method: text, result: { big, bytes, text } }),
          );
          const base64 = Buffer.from(bytes).toString('base64');
          expect(frame).toEqual({ kind: 'debug', id: 1, method: text, result: { big: String(big), bytes: base64, text } }); // prettier-ignore
        },
      ),
    );
  });

  it('carries any records', () => {
    fc.assert(
      fc.property(fc.nat(0xff_ff_ff_ff), fc.uint8Array({ maxLength: 2000 }), (thread, bytes) => {
        const frame: Frame = { kind: 'records', thread, bytes };
        expect(decode(encodeFrame(frame))).toEqual([frame]);
        // Also in a room that held something else, or is too small.
        const room = createFrameRoom(1000).fill(255);
        expect(decode(encodeFrame(frame, room))).toEqual([frame]);
      }),
    );
  });
});

describe('the limit of a frame', () => {
  const most = maxFrameBytes - 1 - 8;

  it('is accepted on both sides', () => {
    const bytes = encodeFrame({ kind: 'records', thread: 1, bytes: new Uint8Array(most) });
    expect(bytes.length).toBe(4 + maxFrameBytes);
    expect(decode(bytes)).toHaveLength(1);
  });

  it('is kept when encoding', () => {
    expect(() => encodeFrame({ kind: 'records', thread: 1, bytes: new Uint8Array(most + 1) })).toThrow(coded('EE_FRAME_TOO_LARGE')); // prettier-ignore
    expect(() => encodeFrame({ kind: 'debug', result: 'x'.repeat(maxFrameBytes) })).toThrow(coded('EE_FRAME_TOO_LARGE')); // prettier-ignore
  });

  it('refuses a length as soon as it is read, before the body comes', () => {
    for (const length of [maxFrameBytes + 1, 0xff_ff_ff_ff]) {
      expect(() => decode(raw(1, '', length))).toThrow(coded('EE_FRAME_TOO_LARGE'));
    }
    expect(decode(raw(1, '', maxFrameBytes))).toEqual([]);
  });

  it('has no frame of no length', () => {
    expect(() => decode(raw(1, '', 0))).toThrow(coded('EE_FRAME_BODY'));
  });
});

describe('a malformed frame', () => {
  it.each([0, 14, 255])('of the unknown kind %d is refused', (kind) => {
    expect(() => decode(raw(kind, '{}'))).toThrow(coded('EE_FRAME_KIND'));
  });

  const kinds = Object.entries(frameKinds).filter(([kind]) => kind !== 'records');
  const bodies = ['', '{', 'null', '13', '"x"', '[]', 'undefined', '{"id":1}garbage', '\u0000'];
  it.each(kinds)('of kind %s is refused whatever is wrong with its body', (_kind, number) => {
    for (const body of bodies)
      expect(() => decode(raw(number, body))).toThrow(coded('EE_FRAME_BODY'));
    const invalid = Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d);
    expect(() => decode(raw(number, invalid))).toThrow(coded('EE_FRAME_BODY'));
  });

  it('of records is refused when its prefix is cut off', () => {
    for (let length = 0; length < 8; length++) {
      expect(() => decode(raw(frameKinds.records, new Uint8Array(length)))).toThrow(coded('EE_FRAME_BODY')); // prettier-ignore
    }
    expect(decode(raw(frameKinds.records, new Uint8Array(8)))).toEqual([{ kind: 'records', thread: 0, bytes: new Uint8Array() }]); // prettier-ignore
  });

  it.each(samples.filter((frame) => frame.kind !== 'records'))(
    'of kind $kind is refused for a key that is missing or of another type, and the key is named',
    (frame) => {
      const { kind, ...body } = frame;
      for (const key of Object.keys(body)) {
        const { [key]: _, ...rest } = body as Record<string, unknown>;
        const outcomes =
          [rest, ...[{ a: 'x' }, [[]], null, -1.5, true].map((wrong) => ({ ...body, [key]: wrong }))] // prettier-ignore
            .map((changed) => attempt(raw(frameKinds[kind], JSON.stringify(changed))))
            .filter((outcome) => outcome instanceof Error);
        for (const error of outcomes) {
          expect(error).toMatchObject({ code: 'EE_FRAME_BODY', message: expect.stringContaining(key) }); // prettier-ignore
        }
        // All but the result of a debug request, which may be anything, has a shape.
        expect(outcomes.length).toBeGreaterThan(key === 'result' ? -1 : 1);
      }
    },
  );

  it('is a coded error or a frame, whatever the bytes', () => {
    const text = fc.json().map((json) => new TextEncoder().encode(json));
    const framed = fc
      .tuple(fc.nat(16), fc.oneof(fc.uint8Array(), text))
      .map((args) => raw(...args));
    const property = fc.property(fc.oneof(framed, fc.uint8Array({ maxLength: 64 })), (bytes) => {
      const outcome = attempt(bytes);
      return Array.isArray(outcome) || (outcome as { code: string }).code.startsWith('EE_FRAME_');
    });
    expect(() => fc.assert(property, { numRuns: 2000 })).not.toThrow();
  });

  it('keeps its own kind, whatever its body says', () => {
    expect(decode(raw(frameKinds.bye, '{"kind":"hello","reason":"done"}'))).toEqual([{ kind: 'bye', reason: 'done' }]); // prettier-ignore
  });

  it('lets keys pass that a newer release may have added', () => {
    expect(decode(raw(frameKinds.bye, '{"reason":"done","mood":"good"}'))).toEqual([{ kind: 'bye', reason: 'done', mood: 'good' }]); // prettier-ignore
  });
});

function attempt(bytes: Uint8Array): unknown {
  try {
    return decode(bytes);
  } catch (error) {
    return error;
  }
}
