/**
 * Turns payloads into record bodies. For each event type three functions are made from fixed
 * templates, slot numbers and JSON-escaped field names (as fast as by hand); where code generation
 * is disallowed, the plain loops of `plain-codec.ts` do the same.
 */
import type { BodyLayout, Slot } from './layout.ts';
import { createPlainCodec, explainPayload } from './plain-codec.ts';
import type { RingData } from './ring.ts';
import { byteLength, writeText } from './text.ts';
import type { AnyPayload, FieldType } from './types.ts';

/**
 * A payload may be read twice, by `measure` and then by `write` or `snapshot`, and a getter may
 * answer differently: `write` therefore trusts nothing, and throws rather than leave its bounds.
 * Every one of them may throw what a getter throws.
 */
export interface PayloadCodec {
  /** Upper bound of the body in bytes, or -1 when the payload does not fit the fields. */
  measure(payload: AnyPayload): number;
  /** Writes the body at `at` and the presence word before it; returns where it ends, at most `limit`. */
  write(payload: AnyPayload, data: RingData, at: number, limit: number): number;
  /**
   * The same for a payload that was not measured, in one look at it; -1 when it does not fit the
   * fields or has to be looked at closely. Part of it may be written then.
   */
  writeAtOnce(payload: AnyPayload, data: RingData, at: number, limit: number): number;
  /** A payload of the declared fields alone, which shares no bytes with this one. */
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
      'byteLength',
      'explain',
      `'use strict';${source(layout)}\n//# sourceURL=extension-events:codec`,
    );
    return { ...(make(writeText, byteLength, explain) as Omit<PayloadCodec, 'explain'>), explain };
  } catch {
    return createPlainCodec(layout);
  }
}

const key = (slot: Slot): string => `p[${JSON.stringify(slot.name)}]`;

const present = (slot: Slot, code: string): string =>
  slot.optional ? `v=${key(slot)};if(v!==undefined){${code}}` : `v=${key(slot)};${code}`;

const copy = (slot: Slot, value: string): string =>
  slot.type === 'bytes' ? `new Uint8Array(${value})` : value;

const put = (s: Slot): string => {
  const bit = s.optional ? `m|=${1 << s.bit};` : '';
  if (s.isText) return `${bit}e=writeText(d,v,at+${s.offset},e,limit);`;
  const [view, shift] = shifts[s.type] ?? ['u8', 0];
  return `${bit}d.${view}[(at+${s.offset})>>${shift}]=v;`;
};

function source({ slots, fixedBytes }: BodyLayout): string {
  const measure = slots
    .map((s) => {
      const size = s.isText ? `n+=${s.type === 'bytes' ? 'byteLength(v)' : 'v.length*3'};` : '';
      return present(s, `if(!(${tests[s.type]}))return -1;${size}${s.optional ? 'c--;' : ''}`);
    })
    .join('');
  const required = slots.filter((s) => !s.optional).length;
  const write = slots.map((s) => present(s, put(s))).join('');
  const writeAtOnce = slots
    .map((s) => present(s, `if(!(${tests[s.type]}))return -1;${put(s)}${s.optional ? 'c--;' : ''}`))
    .join('');
  const snapshot = slots.filter((s) => !s.optional).map((s) => `${JSON.stringify(s.name)}:${copy(s, key(s))}`); // prettier-ignore
  const optional = slots.filter((s) => s.optional).map((s) => present(s, `o[${JSON.stringify(s.name)}]=${copy(s, 'v')};`)); // prettier-ignore
  // The number of keys tells a plain object that fits; others, and optional fields spelled out as
  // undefined, are looked at closely.
  return `return{
measure(p){if(typeof p!=='object'||p===null)return -1;let c=0,n=${fixedBytes},v;for(const k in p)c++;${measure}return c===${required}||explain(p)===undefined?n:-1},
write(p,d,at,limit){let m=0,e=at+${fixedBytes},v;${write}d.u32[(at>>2)-1]=m;return e},
writeAtOnce(p,d,at,limit){if(typeof p!=='object'||p===null||at+${fixedBytes}>limit)return -1;let c=0,m=0,e=at+${fixedBytes},v;for(const k in p)c++;${writeAtOnce}d.u32[(at>>2)-1]=m;return c===${required}?e:-1},
snapshot(p){const o={${snapshot.join(',')}};let v;${optional.join('')}return o}}`;
}
