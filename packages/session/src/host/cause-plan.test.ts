import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyPayload, EventCause, EventTypeDescriptor } from '@extension-events/core';
import { type CausedType, CausePlan } from './cause-plan.ts';

const send: EventTypeDescriptor = {
  name: 'net.send',
  kind: 'filtered',
  description: '',
  fields: {
    len: { type: 'u32' },
    total: { type: 'u64' },
    ret: { type: 'i32' },
    peer: { type: 'string', optional: true },
    port: { type: 'u16', optional: true },
    flag: { type: 'bool' },
  },
};
const lucky = (cause: Partial<EventCause>): CausedType => ({
  name: 'lucky13',
  kind: 'filtered',
  description: '',
  fields: {
    len: { type: 'u32', optional: true },
    port: { type: 'u16', optional: true },
    who: { type: 'string', optional: true },
    total: { type: 'i64', optional: true },
    isBig: { type: 'bool', optional: true },
    tiny: { type: 'u8', optional: true },
  },
  cause: { event: 'net.send', ...cause },
});
const context = { pid: 1, tid: 2, threadId: -1, threadName: 'two', timestampNs: 3, eventName: 'net.send' }; // prettier-ignore
const coded = (code: string): unknown => expect.objectContaining({ code });
const process = { pid: 1, nameOf: (tid: number) => `thread ${tid}` };
const posted = (payload: AnyPayload) => ({ name: 'net.send', payload, subject: { tid: 2, threadId: -1 }, timestampNs: 3 }); // prettier-ignore

function follow(fields: Readonly<Record<string, string>>, payload: AnyPayload): AnyPayload {
  const plan = new CausePlan(lucky({ fields }), undefined);
  plan.compile(send);
  return plan.follow(posted(payload), process).payload;
}

const texts = (plan: CausePlan, sure?: readonly string[]): string[] =>
  plan.conjuncts(send, sure).map(({ field, op, value }) => `${field} ${op} ${value}`);

describe('the event that follows', () => {
  it('has its own name, the time and the thread of its cause, and the fields that are made of it', () => {
    const plan = new CausePlan(lucky({ fields: { len: 'len', port: 'port', who: 'lower(peer)', isBig: 'total > 10' } }), undefined); // prettier-ignore
    plan.compile(send);
    expect(plan.follow(posted({ len: 13, total: 11n, peer: 'A', flag: false }), process)).toEqual({
      name: 'lucky13',
      payload: { len: 13, who: 'a', isBig: true },
      subject: { tid: 2, threadId: -1 },
      timestampNs: 3,
    });
  });

  it.each([
    [{ len: 'total' }, { total: 13n }, { len: 13 }],
    [{ total: 'len' }, { len: 13 }, { total: 13n }],
    [{ tiny: 'len' }, { len: 255 }, { tiny: 255 }],
    [{ tiny: 'len' }, { len: 256 }, {}],
    [{ tiny: 'ret' }, { ret: -1 }, {}],
    [{ tiny: 'len / 2' }, { len: 13 }, { tiny: 6 }],
    [{ tiny: 'len / 0' }, { len: 13 }, {}],
    [{ who: 'len' }, { len: 13 }, {}],
    [{ who: 'thread_name()' }, {}, { who: 'thread 2' }],
    [{ len: 'tid()' }, {}, { len: 2 }],
  ])('%o of %o has %o', (fields, payload, expected) => {
    expect(follow(fields as never, payload as AnyPayload)).toEqual(expected);
  });
});

const decide = (cause: Partial<EventCause>, condition: string | undefined, payload: AnyPayload) =>
  new CausePlan(lucky(cause), condition).compile(send)(payload, context);

describe('the predicate', () => {
  it.each([
    [{}, undefined, true],
    [{ where: 'len == 13' }, undefined, true],
    [{ where: 'len == 12' }, undefined, false],
    [{ where: 'len == 13', fields: { len: 'len' } }, 'len > 12', true],
    [{ where: 'len == 13', fields: { len: 'len * 2' } }, 'len == 26', true],
    [{ where: 'len == 13', fields: { len: 'len' } }, 'len > 13', false],
    [{ where: 'len == 13' }, 'len == 13', false], // nothing fills the field
    [{ where: 'event_name() == "net.send"' }, 'event_name() == "lucky13"', true],
  ])('%j if %s: %s', (cause, condition, expected) => {
    expect(decide(cause, condition, { len: 13 })).toBe(expected);
  });

  it('is refused where it does not fit, the condition at once', () => {
    expect(() => new CausePlan(lucky({}), 'ret == 1')).toThrow(coded('EE_EXPR_FIELD'));
    expect(() => new CausePlan(lucky({ where: 'nosuch' }), undefined).compile(send)).toThrow(coded('EE_EXPR_FIELD')); // prettier-ignore
    expect(() => new CausePlan(lucky({ fields: { len: 'len +' } }), undefined).compile(send)).toThrow(coded('EE_EXPR_SYNTAX')); // prettier-ignore
  });
});

describe('what is left to the source of the cause', () => {
  it.each<[Partial<EventCause>, string | undefined, string[]]>([
    [{ where: 'len == 13' }, undefined, ['len == 13']],
    [{ where: 'len == 13 || ret == 1' }, undefined, []],
    [{ fields: { len: 'len' } }, 'len > 9 && tid() == 2', ['len > 9']],
    [{ fields: { len: 'ret' } }, 'len == 13', ['ret == 13']],
    [{ fields: { len: 'len + 1' } }, 'len == 13', []],
    [{ fields: { port: 'port' } }, 'port == 80', []],
    [{ where: 'flag', fields: { tiny: 'len', isBig: 'flag' } }, 'tiny < 9 && !isBig', ['flag == true', 'len < 9', 'flag == false']], // prettier-ignore
    [{ fields: { who: 'peer' } }, 'len == 13', []],
  ])('%j if %s: %j', (cause, condition, expected) => {
    expect(texts(new CausePlan(lucky(cause), condition))).toEqual(expected);
  });

  it('includes fields that the source is sure to post', () => {
    const plan = new CausePlan(lucky({ where: 'port > 1', fields: { port: 'port' } }), 'port == 80'); // prettier-ignore
    expect(texts(plan, ['port'])).toEqual(['port > 1', 'port == 80']);
  });

  it('never takes away what the predicate would let through', () => {
    const number = fc.constantFrom(-1, 0, 1, 12, 13, 255, 256, 65_535);
    const operator = fc.constantFrom('==', '!=', '<', '<=', '>', '>=');
    const compare = (names: readonly string[]) =>
      fc.tuple(fc.constantFrom(...names), operator, number).map(([f, op, n]) => `${f} ${op} ${n}`);
    const both = (names: readonly string[]) =>
      fc.array(compare(names), { minLength: 1, maxLength: 3 }).map((all) => all.join(' && '));
    const fields = fc.record({ len: fc.constantFrom('len', 'ret', 'len + 1'), tiny: fc.constantFrom('ret', 'len'), total: fc.constantFrom('total', 'ret') }); // prettier-ignore
    const payload = fc.record({ len: number.filter((n) => n >= 0), ret: number, total: number.filter((n) => n >= 0).map(BigInt), flag: fc.boolean() }); // prettier-ignore
    fc.assert(
      fc.property(both(['len', 'ret', 'total']), both(['len', 'tiny', 'total']), fields, payload, (where, condition, made, values) => {
        const plan = new CausePlan(lucky({ where, fields: made }), condition);
        const isWanted = plan.compile(send)(values, context);
        const isLeft = plan.conjuncts(send).every(({ field, op, value }) => compares(values[field as 'len'], op, value as number));
        expect(isWanted && !isLeft).toBe(false);
      }),
      { numRuns: 500 },
    ); // prettier-ignore
  });
});

function compares(a: number | bigint, op: string, b: number): boolean {
  switch (op) {
    case '==':
      return a == b;
    case '!=':
      return a != b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    default:
      return a >= b;
  }
}
