import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyPayload, Comparison, EventTypeDescriptor } from '@extension-events/core';
import { compilePredicate } from '@extension-events/script/expression';
import { conjunctsOf, type FilterWriter, pushDown } from './push-down.ts';

const descriptor: EventTypeDescriptor = {
  name: 'tracepoint:a:b',
  kind: 'requested',
  description: '',
  fields: {
    len: { type: 'u32' },
    ret: { type: 'i64' },
    name: { type: 'string' },
    ok: { type: 'bool' },
    maybe: { type: 'u32', optional: true },
  },
  request: { filter: { type: 'string', default: '' }, kernel: { type: 'bool', default: true } },
};

const print: FilterWriter = (_event, conjuncts) =>
  conjuncts.map(({ field, op, value }) => `${field} ${op} ${value}`).join(' && ');
const push = (where: string | undefined, request?: Record<string, string>) =>
  pushDown(descriptor, where, request, print);

describe('what is pushed down', () => {
  it.each([
    ['len == 13', 'len == 13'],
    ['$len == 13', 'len == 13'],
    ['13 <= len', 'len >= 13'],
    ['ret > -5 && ok', 'ret > -5 && ok == true'],
    ['!ok && (len < 9 && name != "x")', 'ok == false && len < 9 && name != x'],
    ['len & 4 != 0', 'len & 4'],
    ['len == 1 && (len == 2 || ret == 3)', 'len == 1'],
    ['len == 1 && tid() == 7', 'len == 1'],
    ['len == 1 && maybe == 2', 'len == 1'],
  ])('%s → %s', (where, filter) => {
    expect(push(where)).toEqual({ filter });
  });

  it.each(['len == 1 || ret == 3', 'len + 1 == 3', 'len == ret', 'len == 1.5', 'tid() == 7', 'name =~ "a.*"', 'maybe == 2', 'len & 4 == 0', 'nosuch == 1', 'len ==', '1 == 1'])('nothing of %s', (where) => {
    expect(push(where)).toBeUndefined();
  }); // prettier-ignore

  it('goes beside the other parameters, and never over a filter of the user', () => {
    expect(push('len == 13', { kernel: 'x' })).toEqual({ kernel: 'x', filter: 'len == 13' });
    expect(push('len == 13', { filter: '' })).toEqual({ filter: 'len == 13' });
    expect(push('len == 13', { filter: 'ret == 1' })).toEqual({ filter: 'ret == 1' });
    expect(push(undefined)).toBeUndefined();
    const { request: _, ...without } = descriptor;
    expect(pushDown(without, 'len == 13', undefined, print)).toBeUndefined();
  });
});

// ---- equality: what the filter takes away, the predicate would have refused

const operator = fc.constantFrom('==', '!=', '<', '<=', '>', '>=');
const whole = fc.integer({ min: -3, max: 20 });
const comparison = fc.oneof(
  fc.tuple(fc.constantFrom('len', 'ret', 'maybe'), operator, whole).map(([f, op, n]) => `${f} ${op} ${n}`), // prettier-ignore
  fc.tuple(whole, operator, fc.constantFrom('len', 'ret')).map(([n, op, f]) => `${n} ${op} ${f}`),
  fc.tuple(fc.constantFrom('==', '!='), fc.constantFrom('a', 'b', '')).map(([op, s]) => `name ${op} "${s}"`), // prettier-ignore
  fc.constantFrom('ok', '!ok', 'len & 3 != 0', 'ret & 5 != 0', 'len + 1 > ret', 'tid() == 7'),
);
const { predicate } = fc.letrec<{ predicate: string }>((tie) => ({
  predicate: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    comparison,
    fc.tuple(tie('predicate'), fc.constantFrom('&&', '||'), tie('predicate')).map(([a, op, b]) => `(${a}) ${op} (${b})`), // prettier-ignore
    tie('predicate').map((inner) => `!(${inner})`),
  ),
}));
const payloads = fc.record(
  {
    len: fc.nat(20),
    ret: fc.bigInt({ min: -5n, max: 20n }),
    name: fc.constantFrom('a', 'b', ''),
    ok: fc.boolean(),
    maybe: fc.nat(20),
  },
  { requiredKeys: ['len', 'ret', 'name', 'ok'] },
);

/** The kernel, as far as these go. */
function holds({ field, op, value }: Comparison, payload: AnyPayload): boolean {
  const have = payload[field] as never;
  switch (op) {
    case '&':
      return (BigInt(have) & BigInt(value)) !== 0n;
    case '==':
      return typeof value === 'number' ? Number(have) === value : have === value;
    case '!=':
      return typeof value === 'number' ? Number(have) !== value : have !== value;
    case '<':
      return have < Number(value);
    case '<=':
      return have <= Number(value);
    case '>':
      return have > Number(value);
    case '>=':
    default:
      return have >= Number(value);
  }
}

it('a predicate gives the same results with its filter as without', () => {
  const context = { pid: 1, tid: 7, threadId: -1, threadName: '', timestampNs: 0, eventName: '' };
  fc.assert(
    fc.property(predicate, fc.array(payloads, { maxLength: 20 }), (where, all) => {
      const conjuncts = conjunctsOf(where, descriptor);
      const matches = compilePredicate(where, descriptor);
      const passed = all.filter((payload) => conjuncts.every((each) => holds(each, payload)));
      expect(passed.filter((payload) => matches(payload, context))).toEqual(
        all.filter((payload) => matches(payload, context)),
      );
    }),
    { numRuns: 2000 },
  );
});
