import type { FieldValue } from '@extension-events/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxFieldText, maxLearned, maxLearnedAtFirst, Shape } from './shape.ts';

function learn(...messages: unknown[]): Shape {
  const shape = new Shape(['json']);
  for (const message of messages) if (shape.isNews(message)) shape.learn(message);
  return shape;
}
function read(shape: Shape, message: unknown): Record<string, FieldValue> {
  const payload: Record<string, FieldValue> = {};
  shape.read(message, payload);
  return payload;
}
const typesOf = (shape: Shape): Record<string, string> => Object.fromEntries(Object.entries(shape.fields).map(([name, { type }]) => [name, type])); // prettier-ignore

const wide = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, i) => [`key${i}`, i])); // prettier-ignore

describe('fields', () => {
  it('are the scalars of a message, near ones first', () => {
    const shape = learn({ request: { method: 'GET', size: 3, done: false, socket: { port: 80, peer: { address: 'far' } } }, id: 1n });
    expect(typesOf(shape)).toEqual({ id: 'i64', request_method: 'string', request_size: 'f64', request_done: 'bool', request_socket_port: 'f64' });
  }); // prettier-ignore

  it('have names that a predicate can write', () => {
    const message = { 'content-type': 'a', 1: 'b', json: 'c', constructor: 'd', a_b: 'e', a: { b: 'f' }, ['x'.repeat(65)]: 'g' }; // prettier-ignore
    const shape = learn(message);
    expect(read(shape, message)).toEqual({ content_type: 'a', _1: 'b', json_: 'c', constructor_: 'd', a_b: 'e', a_b_: 'f' }); // prettier-ignore
  });

  it('of a message that is no object is its value', () => {
    expect(read(learn('text'), 'other')).toEqual({ value: 'other' });
    expect(read(learn('text'), 13)).toEqual({});
    expect(read(learn(13), { n: 1 })).toEqual({});
  });

  it('of errors are name and message too, of lists their length and first items', () => {
    const error = Object.assign(new TypeError('boom'), { code: 'E_BOOM' });
    expect(read(learn({ error }), { error })).toEqual({ error_code: 'E_BOOM', error_name: 'TypeError', error_message: 'boom' }); // prettier-ignore
    const list = { args: ['GET', 'key', 3], deep: { args: [1] } };
    expect(read(learn(list), list)).toEqual({ args_length: 3, args_0: 'GET', args_1: 'key', args_2: 3 }); // prettier-ignore
  });

  it('keep the type that they were learned with', () => {
    const shape = learn({ n: 1, s: 'x', b: true, i: 1n });
    expect(read(shape, { n: 'one', s: 2, b: 0, i: 2n ** 70n })).toEqual({});
    expect(read(shape, { n: Number.NaN, s: '', b: false, i: -1n })).toEqual({ n: Number.NaN, s: '', b: false, i: -1n }); // prettier-ignore
    expect(read(shape, { s: 'x'.repeat(maxFieldText + 1) })['s']).toHaveLength(maxFieldText + 1); // with the sign that it was cut
  });

  it('have a limit', () => {
    expect(Object.keys(learn(wide(maxLearnedAtFirst)).fields)).toHaveLength(maxLearnedAtFirst);
    expect(Object.keys(learn(wide(maxLearnedAtFirst + 1)).fields)).toHaveLength(maxLearnedAtFirst);
    const full = learn(wide(30), { error: { code: 1 } }, wide(60));
    expect(Object.keys(full.fields)).toHaveLength(maxLearned);
    expect(full.fields).toHaveProperty('error_code');
    expect(full.isNews({ other: 1 })).toBe(false);
  });

  it('come with later messages: keys that were empty or not there', () => {
    const shape = learn({ a: 1, b: null });
    expect(shape.isNews({ a: 2, b: undefined })).toBe(false);
    expect(shape.isNews({ a: 2, b: 3 })).toBe(true);
    shape.learn({ b: 3, c: { d: 1 } });
    expect(typesOf(shape)).toEqual({ a: 'f64', b: 'f64', c_d: 'f64' });
    expect(shape.isNews({ c: { e: 1 } })).toBe(false); // only what is new at the top is looked at
  });

  it('are never there without being declared, and always of the declared type', () => {
    const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withTypedArray: true, withNullPrototype: true, maxDepth: 5 }); // prettier-ignore
    const js = { string: 'string', f64: 'number', i64: 'bigint', bool: 'boolean' } as const;
    fc.assert(
      fc.property(fc.array(anything, { minLength: 1 }), (messages) => {
        const shape = learn(...messages);
        const fields = shape.fields;
        expect(Object.keys(fields).length).toBeLessThanOrEqual(maxLearned);
        for (const message of messages) {
          for (const [name, value] of Object.entries(read(shape, message)))
            expect(typeof value).toBe(js[fields[name]?.type as keyof typeof js]);
        }
      }),
    );
  });
});
