/**
 * Turns payloads into record bodies. For each event type three functions are made from fixed
 * templates, slot numbers and JSON-escaped field names (as fast as by hand); where code generation
 * is disallowed, the plain loops of `plain-codec.ts` do the same.
 */
import type { BodyLayout, Slot } from './layout.ts';
import { explainPayload, plainMeasure, plainSnapshot, plainWrite } from './plain-codec.ts';
import type { RingData } from './ring.ts';
import type { AnyPayload, FieldType } from './types.ts';

export interface PayloadCodec {
  /** Upper bound of the body in bytes, or -1 when the payload does not fit the fields. */
  measure(payload: AnyPayload): number;
  /** Writes the body at `at` and the presence word before it; returns where it ends. */
  write(payload: AnyPayload, data: RingData, at: number): number;
  snapshot(payload: AnyPayload): AnyPayload;
  /** Says what is wrong with a payload, or `undefined`. Slow. */
  explain(payload: AnyPayload): string | undefined;
}

const tests: Readonly<Record<FieldType, string>> = {
  bool: `typeof v==='boolean'`,
  u8: `(v&255)===v`,
  u16: `(v&65535)===v`,
  u32: `v>>>0===v`,
  i8: `v<<24>>24===v`,
  i16: `v<<16>>16===v`,
  i32: `(v|0)===v`,
  f32: `typeof v==='number'`,
  f64: `typeof v==='number'`,
  u64: `typeof v==='bigint'&&BigInt.asUintN(64,v)===v`,
  i64: `typeof v==='bigint'&&BigInt.asIntN(64,v)===v`,
  string: `typeof v==='string'`,
  stack: `typeof v==='string'`,
  bytes: `v instanceof Uint8Array`,
};

const shifts: Readonly<Partial<Record<FieldType, readonly [view: string, shift: number]>>> = {
  bool: ['u8', 0], u8: ['u8', 0], i8: ['i8', 0], u16: ['u16', 1], i16: ['i16', 1], u32: ['u32', 2],
  i32: ['i32', 2], f32: ['f32', 2], f64: ['f64', 3], u64: ['u64', 3], i64: ['i64', 3],
}; // prettier-ignore

/** Makes the codec of one event type. */
export function createCodec(layout: BodyLayout): PayloadCodec {
  const explain = (payload: AnyPayload): string | undefined => explainPayload(layout, payload);
  try {
    // Fixed templates, numbers and JSON-escaped names only: nothing of it is text from outside.
    // oxlint-disable-next-line typescript/no-implied-eval
    const make = new Function(
      'writeText',
      `'use strict';${source(layout)}\n//# sourceURL=extension-events:codec`,
    );
    return { ...(make(writeText) as Omit<PayloadCodec, 'explain'>), explain };
  } catch {
    return {
      explain,
      measure: (payload) => plainMeasure(layout, payload),
      write: (payload, data, at) => plainWrite(layout, payload, data, at),
      snapshot: (payload) => plainSnapshot(layout, payload),
    };
  }
}

const key = (slot: Slot): string => `p[${JSON.stringify(slot.name)}]`;

const present = (slot: Slot, code: string): string =>
  slot.optional ? `v=${key(slot)};if(v!==undefined){${code}}` : `v=${key(slot)};${code}`;

function source({ slots, fixedBytes }: BodyLayout): string {
  const measure = slots
    .map((s) => {
      const size = s.isText ? `n+=v.length${s.type === 'bytes' ? '' : '*3'};` : '';
      return present(s, `if(!(${tests[s.type]}))return -1;${size}${s.optional ? 'c--;' : ''}`);
    })
    .join('');
  const required = slots.filter((s) => !s.optional).length;
  const write = slots
    .map((s) => {
      const bit = s.optional ? `m|=${1 << s.bit};` : '';
      if (s.isText) return present(s, `${bit}e=writeText(d,v,at+${s.offset},e);`);
      const [view, shift] = shifts[s.type] ?? ['u8', 0];
      return present(s, `${bit}d.${view}[(at+${s.offset})>>${shift}]=v;`);
    })
    .join('');
  const snapshot = slots.filter((s) => !s.optional).map((s) => `${JSON.stringify(s.name)}:${s.type === 'bytes' ? `${key(s)}.slice()` : key(s)}`); // prettier-ignore
  const optional = slots.filter((s) => s.optional).map((s) => present(s, `o[${JSON.stringify(s.name)}]=v;`)); // prettier-ignore
  return `return{
measure(p){if(typeof p!=='object'||p===null)return -1;let c=0,n=${fixedBytes},v;for(const k in p)c++;${measure}return c===${required}?n:-1},
write(p,d,at){let m=0,e=at+${fixedBytes},v;${write}d.u32[(at>>2)-1]=m;return e},
snapshot(p){const o={${snapshot.join(',')}};let v;${optional.join('')}return o}}`;
}

const utf8 = new TextEncoder();
// Below this length a loop beats the call into the encoder.
const shortText = 48;

/** Writes text or bytes at `end`, its byte length at `lengthAt`; returns the new end. */
export function writeText(
  data: RingData,
  value: string | Uint8Array,
  lengthAt: number,
  end: number,
): number {
  const { u8 } = data;
  let written = 0;
  if (typeof value !== 'string') {
    u8.set(value, end);
    written = value.length;
  } else {
    const { length } = value;
    if (length < shortText) {
      for (; written < length; written++) {
        const code = value.charCodeAt(written);
        if (code > 127) break;
        u8[end + written] = code;
      }
    }
    if (written < length) {
      const rest = written === 0 ? value : value.slice(written);
      written += utf8.encodeInto(
        rest,
        u8.subarray(end + written, end + written + rest.length * 3),
      ).written;
    }
  }
  const lengthWord = lengthAt;
  // The fixed part is not always a multiple of 4 away from an aligned body, but its slots are.
  data.u32[lengthWord >> 2] = written;
  return end + written;
}
