import type { AnyPayload, EventTypeDescriptor, FieldValue } from '@extension-events/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BinaryNode, CallNode, Node } from './ast.ts';
import { checkPredicate } from './check.ts';
import { closePredicate } from './closures.ts';
import { generate, generatePredicate } from './codegen.ts';
import { helpers } from './helpers.ts';
import { parseExpression } from './parser.ts';
import { printExpression } from './print.ts';
import type { PredicateContext } from './types.ts';

// ---------------------------------------------------------------- an event type and its payloads

const fields = {
  flag: { type: 'bool' },
  count: { type: 'u32' },
  delta: { type: 'i32' },
  total: { type: 'u64' },
  offset: { type: 'i64' },
  rate: { type: 'f64' },
  name: { type: 'string' },
  body: { type: 'bytes' },
  maybeFlag: { type: 'bool', optional: true },
  maybeCount: { type: 'u8', optional: true },
  maybeTotal: { type: 'u64', optional: true },
  maybeRate: { type: 'f32', optional: true },
  maybeName: { type: 'string', optional: true },
  maybeBody: { type: 'bytes', optional: true },
  constructor: { type: 'string', optional: true },
} as const;
const descriptor: EventTypeDescriptor = {
  name: 'sample',
  kind: 'filtered',
  description: '',
  fields,
};

const u32 = fc.oneof(fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1), fc.nat(70), fc.nat(2 ** 32 - 1));
const i32 = fc.oneof(
  fc.constantFrom(-1, -(2 ** 31), 2 ** 31 - 1),
  fc.integer({ min: -70, max: 70 }),
);
const u64 = fc.oneof(
  fc.constantFrom(0n, 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n),
  fc.bigInt({ min: 0n, max: 70n }),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);
const i64 = fc.oneof(
  fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n, -1n),
  u64.map((x) => BigInt.asIntN(64, x)),
);
const f64 = fc.oneof(fc.constantFrom(-0, 0.5, 2 ** 53, NaN, Infinity, -Infinity), fc.double(), i32);
const text = fc.oneof(
  fc.constantFrom('', 'a', '10.0.0.1', 'ß', 'constructor'),
  fc.string({ maxLength: 6 }),
);
const bytes = fc.uint8Array({ maxLength: 4 });

const payloads: fc.Arbitrary<AnyPayload> = fc.record(
  {
    flag: fc.boolean(),
    count: u32,
    delta: i32,
    total: u64,
    offset: i64,
    rate: f64,
    name: text,
    body: bytes,
    maybeFlag: fc.boolean(),
    maybeCount: fc.nat(255),
    maybeTotal: u64,
    maybeRate: fc.float(),
    maybeName: text,
    maybeBody: bytes,
    constructor: text,
  },
  { requiredKeys: ['flag', 'count', 'delta', 'total', 'offset', 'rate', 'name', 'body'] },
) as fc.Arbitrary<Record<string, FieldValue>>;

const contexts: fc.Arbitrary<PredicateContext> = fc.record({
  pid: u32,
  tid: u32,
  threadId: fc.nat(3),
  threadName: text,
  timestampNs: fc.nat(Number.MAX_SAFE_INTEGER),
  eventName: fc.constant('sample'),
});

// ---------------------------------------------------------------- random well-typed expressions

const at = { start: 0, end: 0 };
const field = (...names: string[]): fc.Arbitrary<Node> =>
  fc.constantFrom(...names).map((name) => ({ kind: 'field', name, ...at }));
const call = (name: string, ...operands: fc.Arbitrary<Node>[]): fc.Arbitrary<Node> =>
  fc.tuple(...operands).map((list) => ({ kind: 'call', name, operands: list, ...at }));
const binary = (
  operators: readonly string[],
  left: fc.Arbitrary<Node>,
  right = left,
): fc.Arbitrary<Node> =>
  fc
    .tuple(fc.constantFrom(...operators), left, right)
    .map(
      ([operator, l, r]) => ({ kind: 'binary', operator, left: l, right: r, ...at }) as BinaryNode,
    );
const unary = (operator: '!' | '-' | '~', inner: fc.Arbitrary<Node>): fc.Arbitrary<Node> =>
  inner.map((operand) => ({ kind: 'unary', operator, operand, ...at }));
const choice = (condition: fc.Arbitrary<Node>, value: fc.Arbitrary<Node>): fc.Arbitrary<Node> =>
  fc.tuple(condition, value, value).map(([c, whenTrue, whenFalse]) => ({
    kind: 'conditional',
    condition: c,
    whenTrue,
    whenFalse,
    ...at,
  }));
const integer = fc.oneof(u32, u64).map((x): Node => ({
  kind: 'integer',
  value: x <= Number.MAX_SAFE_INTEGER ? Number(x) : x,
  ...at,
}));
const float = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true, max: 1.7e308 });

const random = fc.letrec<Record<'whole' | 'number' | 'string' | 'bool' | 'bytes', Node>>((tie) => ({
  whole: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    field('count', 'delta', 'total', 'offset', 'maybeCount', 'maybeTotal'),
    integer,
    fc.constantFrom('pid', 'tid', 'thread_id', 'timestamp_ns').chain((name) => call(name)),
    call('len', fc.oneof(tie('string'), tie('bytes'))),
    binary(['+', '-', '*', '%', '&', '|', '^', '<<', '>>'], tie('whole')),
    binary(
      ['<<', '>>'],
      tie('whole'),
      fc.nat(66).map((value): Node => ({ kind: 'integer', value, ...at })),
    ),
    unary('-', tie('whole')),
    unary('~', tie('whole')),
    call('abs', tie('whole')),
    call('floor', tie('number')),
    fc.constantFrom('min', 'max').chain((name) => call(name, tie('whole'), tie('whole'))),
    choice(tie('bool'), tie('whole')),
  ),
  number: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    field('rate', 'maybeRate'),
    float.map((value): Node => ({ kind: 'float', value, ...at })),
    tie('whole'),
    binary(['+', '-', '*', '/', '%'], tie('number')),
    unary('-', tie('number')),
    fc.constantFrom('min', 'max').chain((name) => call(name, tie('number'), tie('number'))),
    choice(tie('bool'), tie('number')),
  ),
  string: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    field('name', 'maybeName', 'constructor'),
    fc
      .string({ unit: 'binary', maxLength: 5 })
      .map((value): Node => ({ kind: 'string', value, ...at })),
    fc.constantFrom('thread_name', 'event_name').chain((name) => call(name)),
    binary(['+'], tie('string')),
    fc.constantFrom('lower', 'upper').chain((name) => call(name, tie('string'))),
    call('substr', tie('string'), tie('whole')),
    call('substr', tie('string'), tie('whole'), tie('whole')),
    choice(tie('bool'), tie('string')),
  ),
  bool: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    field('flag', 'maybeFlag'),
    fc.boolean().map((value): Node => ({ kind: 'boolean', value, ...at })),
    fc.constantFrom(...Object.keys(fields)).chain((name) => call('present', field(name))),
    binary(['==', '!=', '<', '<=', '>', '>='], tie('number')),
    binary(['==', '!=', '<', '<=', '>', '>='], tie('string')),
    binary(['==', '!='], tie('bool')),
    unary('!', tie('bool')),
    fc
      .tuple(fc.constantFrom('&&', '||'), fc.array(tie('bool'), { minLength: 2, maxLength: 4 }))
      .map(([operator, operands]): Node => ({ kind: 'logical', operator, operands, ...at })),
    fc
      .tuple(
        fc.constantFrom('=~', '!~'),
        tie('string'),
        fc.constantFrom('^a', '\\d+\\.', '"|\\\\', '^.?$', '[^\t]'),
      )
      .map(([operator, subject, pattern]) => {
        const node: Node = { kind: 'match', operator, subject, pattern, patternSpan: at, ...at };
        return node;
      }),
    fc
      .constantFrom('contains', 'starts_with', 'ends_with')
      .chain((name) => call(name, tie('string'), tie('string'))),
    choice(tie('bool'), tie('bool')),
  ),
  bytes: fc.oneof(
    { depthSize: 'small' },
    field('body', 'maybeBody'),
    choice(tie('bool'), tie('bytes')),
  ),
}));

function withoutSpans(node: Node): unknown {
  const spans = new Set(['start', 'end', 'patternSpan']);
  return JSON.parse(
    JSON.stringify(node, (key, value: unknown) => {
      if (spans.has(key)) return undefined;
      return typeof value === 'bigint' ? `${value}n` : value;
    }),
  );
}

// ---------------------------------------------------------------- a straightforward evaluator

type Kind = 'bool' | 'string' | 'bytes' | 'int' | 'float' | 'big';
interface Tagged {
  readonly kind: Kind;
  /** Undefined when absent. */
  readonly value: FieldValue | undefined;
}

const kinds: Record<string, Kind> = {
  u64: 'big',
  i64: 'big',
  f32: 'float',
  f64: 'float',
  string: 'string',
  bool: 'bool',
  bytes: 'bytes',
};
const widen = (a: Kind, b: Kind): Kind =>
  a === 'float' || b === 'float' ? 'float' : a === 'big' || b === 'big' ? 'big' : 'int';
const asBig = (x: FieldValue): bigint =>
  typeof x === 'bigint' ? x : Number.isFinite(x) ? BigInt(x as number) : 0n;
const isNumeric = (kind: Kind): boolean => kind === 'int' || kind === 'float' || kind === 'big';

/** -1, 0, 1, or undefined when one is NaN; numbers by their exact value. */
function order(a: FieldValue, b: FieldValue): number | undefined {
  if (typeof a === 'bigint' && typeof b === 'number') {
    if (Number.isNaN(b)) return undefined;
    if (!Number.isFinite(b)) return b > 0 ? -1 : 1;
    const whole = BigInt(Math.floor(b));
    if (a !== whole) return a < whole ? -1 : 1;
    return b > Math.floor(b) ? -1 : 0;
  }
  if (typeof a === 'number' && typeof b === 'bigint') {
    const reverse = order(b, a);
    return reverse === undefined ? undefined : 0 - reverse;
  }
  if (Number.isNaN(a) || Number.isNaN(b)) return undefined;
  return a === b ? 0 : a < b ? -1 : 1;
}

class Reference {
  readonly payload: AnyPayload;
  readonly context: PredicateContext;

  constructor(payload: AnyPayload, context: PredicateContext) {
    this.payload = payload;
    this.context = context;
  }

  isTrue(node: Node): boolean {
    return this.value(node).value === true;
  }

  value(node: Node): Tagged {
    switch (node.kind) {
      case 'integer':
        return { kind: typeof node.value === 'bigint' ? 'big' : 'int', value: node.value };
      case 'float':
        return { kind: 'float', value: node.value };
      case 'string':
        return { kind: 'string', value: node.value };
      case 'boolean':
        return { kind: 'bool', value: node.value };
      case 'field': {
        const { type } = fields[node.name as keyof typeof fields];
        const value = Object.hasOwn(this.payload, node.name) ? this.payload[node.name] : undefined;
        return { kind: kinds[type] ?? 'int', value };
      }
      case 'call':
        return this.call(node);
      case 'unary': {
        if (node.operator === '!') return { kind: 'bool', value: !this.isTrue(node.operand) };
        const { kind, value } = this.value(node.operand);
        if (value === undefined) return { kind, value };
        if (node.operator === '-')
          return { kind, value: typeof value === 'bigint' ? -value : -(value as number) };
        return { kind, value: typeof value === 'bigint' ? -value - 1n : -(value as number) - 1 };
      }
      case 'binary':
        return this.binary(node);
      case 'logical': {
        const values = node.operands.map((operand) => this.isTrue(operand));
        return {
          kind: 'bool',
          value: node.operator === '&&' ? !values.includes(false) : values.includes(true),
        };
      }
      case 'match': {
        const { value } = this.value(node.subject);
        if (value === undefined) return { kind: 'bool', value: false };
        const isMatch = new RegExp(node.pattern, 'u').test(value as string);
        return { kind: 'bool', value: isMatch === (node.operator === '=~') };
      }
      case 'conditional':
      default: {
        const [yes, no] = [this.value(node.whenTrue), this.value(node.whenFalse)];
        const chosen = this.isTrue(node.condition) ? yes : no;
        return isNumeric(yes.kind) ? this.to(widen(yes.kind, no.kind), chosen) : chosen;
      }
    }
  }

  to(kind: Kind, { value }: Tagged): Tagged {
    if (value === undefined) return { kind, value };
    return { kind, value: kind === 'big' ? asBig(value) : Number(value) };
  }

  binary(node: BinaryNode): Tagged {
    const { operator } = node;
    let [a, b] = [this.value(node.left), this.value(node.right)];
    const isComparison = /^(?:[=!]=|[<>]=?)$/.test(operator);
    const kind =
      operator === '<<' || operator === '>>'
        ? a.kind
        : operator === '/'
          ? 'float'
          : widen(a.kind, b.kind);
    if (a.value === undefined || b.value === undefined) {
      return isComparison
        ? { kind: 'bool', value: false }
        : { kind: a.kind === 'string' ? 'string' : kind, value: undefined };
    }
    if (isComparison) {
      const o = order(a.value, b.value);
      const value =
        o === undefined
          ? operator === '!='
          : { '==': o === 0, '!=': o !== 0, '<': o < 0, '<=': o <= 0, '>': o > 0, '>=': o >= 0 }[
              operator as '=='
            ];
      return { kind: 'bool', value };
    }
    if (a.kind === 'string')
      return { kind: 'string', value: `${String(a.value)}${String(b.value)}` };
    if (operator === '<<' || operator === '>>')
      return { kind, value: this.shift(a.value, operator, Number(b.value)) };
    a = this.to(kind, a);
    b = this.to(kind, b);
    return { kind, value: this.arithmetic(operator, a.value as never, b.value as never) };
  }

  arithmetic(operator: string, a: number, b: number): number | bigint {
    const isBig = typeof a === 'bigint';
    const bits = (value: bigint): number | bigint => (isBig ? value : Number(value));
    switch (operator) {
      case '+':
        return a + b;
      case '-':
        return a - b;
      case '*':
        return a * b;
      case '/':
        return a / b;
      case '%':
        return isBig && BigInt(b) === 0n ? 0n : a % b;
      case '&':
        return bits(asBig(a) & asBig(b));
      case '|':
        return bits(asBig(a) | asBig(b));
      default:
        return bits(asBig(a) ^ asBig(b));
    }
  }

  shift(value: FieldValue, operator: string, places: number): number | bigint {
    if (!(places >= 0 && places <= 63)) return typeof value === 'bigint' ? 0n : 0;
    // No bits to move: keep the sign of a zero, Infinity and NaN.
    if (typeof value === 'number' && (value === 0 || !Number.isFinite(value))) return value;
    const big = asBig(value);
    const shifted = operator === '<<' ? big << BigInt(places) : big >> BigInt(places);
    return typeof value === 'bigint' ? shifted : Number(shifted);
  }

  call({ name, operands }: CallNode): Tagged {
    const { pid, tid, threadId, threadName, timestampNs, eventName } = this.context;
    const plain = { pid, tid, thread_id: threadId, timestamp_ns: timestampNs };
    if (name in plain) return { kind: 'int', value: plain[name as 'pid'] };
    if (name === 'thread_name') return { kind: 'string', value: threadName };
    if (name === 'event_name') return { kind: 'string', value: eventName };
    const [a, b, c] = operands.map((operand) => this.value(operand)) as [Tagged, Tagged, Tagged];
    if (name === 'present') return { kind: 'bool', value: a.value !== undefined };
    const kind = operands.length === 2 ? widen(a.kind, b.kind) : a.kind;
    const isAbsent = [a, b, c].slice(0, operands.length).some(({ value }) => value === undefined);
    const [s, t] = [a.value, b?.value] as string[];
    const answer = (k: Kind, value: () => FieldValue): Tagged => ({
      kind: k,
      value: isAbsent ? (k === 'bool' ? false : undefined) : value(),
    });
    switch (name) {
      case 'len':
        return answer('int', () => s?.length ?? 0);
      case 'contains':
        return answer('bool', () => s?.includes(t ?? '') === true);
      case 'starts_with':
        return answer('bool', () => s?.startsWith(t ?? '') === true);
      case 'ends_with':
        return answer('bool', () => s?.endsWith(t ?? '') === true);
      case 'lower':
        return answer('string', () => s?.toLowerCase() ?? '');
      case 'upper':
        return answer('string', () => s?.toUpperCase() ?? '');
      case 'substr':
        return answer('string', () => {
          const start = Math.max(0, Number(b.value));
          const length = c === undefined ? Infinity : Math.max(0, Number(c.value));
          return (
            s?.slice(
              Number.isNaN(start) ? 0 : start,
              Number.isNaN(start + length) ? 0 : start + length,
            ) ?? ''
          );
        });
      case 'abs':
        return answer(kind, () =>
          typeof a.value === 'bigint'
            ? a.value < 0n
              ? -a.value
              : a.value
            : Math.abs(Number(a.value)),
        );
      case 'floor':
        return answer(kind === 'float' ? 'int' : kind, () =>
          kind === 'float' ? Math.floor(Number(a.value)) : (a.value ?? 0),
        );
      default:
        return answer(kind, () => {
          const [x, y] = [this.to(kind, a).value, this.to(kind, b).value] as [number, number];
          if (kind === 'big') return name === 'min' ? (x < y ? x : y) : x > y ? x : y;
          return name === 'min' ? Math.min(x, y) : Math.max(x, y);
        });
    }
  }
}

// ---------------------------------------------------------------- the properties

describe('random well-typed expressions', () => {
  it('come back the same from printing and parsing', () => {
    fc.assert(
      fc.property(fc.oneof(random.bool, random.number, random.string), (node) => {
        const printed = printExpression(node);
        const { root } = parseExpression(printed);
        expect(withoutSpans(root)).toEqual(withoutSpans(node));
        expect(printExpression(root)).toBe(printed);
      }),
      { numRuns: 500 },
    );
  });

  it('mean the same to generated code, to closures and to a straightforward evaluator', () => {
    fc.assert(
      fc.property(
        random.bool,
        fc.array(fc.tuple(payloads, contexts), { minLength: 4, maxLength: 8 }),
        (node, cases) => {
          const printed = printExpression(node);
          const { root } = checkPredicate(parseExpression(printed), descriptor);
          const generated = generatePredicate(root);
          const closed = closePredicate(root);
          const { code, temporaries, constants } = generate(root);
          // Without the guard that turns a throw into false: nothing may throw.
          const names = ['p', 'c', 'h', ...constants.map((_, slot) => `k${slot}`), ...temporaries];
          // oxlint-disable-next-line typescript/no-implied-eval -- the code under test
          const bare = new Function(...names, `"use strict"; return ${code};`) as (
            ...values: unknown[]
          ) => unknown;
          for (const [payload, context] of cases) {
            const expected = new Reference(payload, context).isTrue(node);
            expect(bare(payload, context, helpers, ...constants)).toBe(expected);
            expect(generated(payload, context)).toBe(expected);
            expect(closed(payload, context)).toBe(expected);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
