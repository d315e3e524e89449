import type { AnyPayload } from '@extension-events/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RuntimeValue } from '../expression/checked.ts';
import { compilePredicate } from '../expression/compile.ts';
import { helpers } from '../expression/helpers.ts';
import { operations } from '../expression/operations.ts';
import { checkBody } from './body.ts';
import { checkProgram } from './check.ts';
import type { CheckedStatement, EventCause, Globals, ScriptNode } from './checked.ts';
import { formatProblem } from './errors.ts';
import { parseProgram } from './parser.ts';
import { payloadsOf, sampleDescriptor, testCatalogue } from './testing/events.ts';
import { expressionsOf } from './testing/expressions.ts';

interface Checked {
  readonly cause: EventCause | undefined;
  readonly globals: Globals;
  readonly statements: readonly CheckedStatement[];
  readonly condition: ScriptNode | undefined;
}

function check(text: string, probe: number = 0): Checked {
  const { program, problems } = parseProgram([{ name: 'a.ev', text }]);
  const outcome = checkProgram(program, testCatalogue);
  expect([...problems, ...outcome.problems].map(formatProblem)).toEqual([]);
  const globals = outcome.checked?.globals ?? [];
  const body = checkBody(program, globals, { probe, point: 0 }, sampleDescriptor);
  const cause = outcome.checked?.events[0]?.cause;
  return { cause, globals, statements: body.statements, condition: body.condition };
}

const causeOf = (text: string): EventCause | undefined => check(text).cause;

describe('the cause of an event', () => {
  it('is what the note says of lucky13', () => {
    const text = 'event lucky13; probe sample.posted { if ($len == 13) throw event lucky13 }';
    expect(causeOf(text)).toEqual({ event: 'sample.posted', where: 'len == 13' });
  });

  it('joins the conditions of the point and of every if around the throw', () => {
    const text = `event e;
probe sample.posted if (ok && len > 3) {
  if (peer == "a") { if (flags & 4 != 0) { print(1); } else throw event e }
}`;
    expect(causeOf(text)?.where).toBe('ok && len > 3 && peer == "a" && !(flags & 4 != 0)');
  });

  it('knows what a next before it leaves over', () => {
    const text = `event e; probe sample.posted {
  if (len < 10) next;
  if (ok) { print(peer); if (len > 99) next; } else if (share > 0.5) { next; }
  throw event e;
}`;
    expect(causeOf(text)?.where).toBe(
      '!(len < 10) && (ok && !(len > 99) || !ok && !(share > 0.5))',
    );
  });

  it('puts variables of one value into the text', () => {
    const text = `event e { n: f64 }
probe sample.posted { half = len / 2; big = half > 100; if (big || ok) throw event e { n = half * 3 } }`;
    expect(causeOf(text)).toEqual({
      event: 'sample.posted',
      where: 'len / 2 > 100 || ok',
      fields: { n: 'len / 2 * 3' },
    });
  });

  it('brings the parameters of the probe along', () => {
    const text = 'event e; probe sample.requested(counter="x", period=5) { throw event e }';
    const { program } = parseProgram([{ name: 'a.ev', text }]);
    expect(checkProgram(program, testCatalogue).checked?.events[0]?.cause).toEqual({
      event: 'sample.requested',
      request: { counter: 'x', period: 5 },
    });
  });

  it('cuts numbers down to their fields as the throw does', () => {
    const text = `event e { a: u8, b: i16, c: u32, d: i64 }
probe sample.posted { throw event e { a = share * 3, b = share, c = len, d = code } }`;
    expect(causeOf(text)?.fields).toEqual({
      a: 'max(min(floor(share * 3), 255), 0)',
      b: 'max(min(share < 0 ? -floor(-share) : floor(share), 32767), -32768)',
      c: 'len',
      d: 'code',
    });
    expect(causeOf(text)?.where).toBe('present(code)');
  });

  it.each([
    ['a global', 'if (ok && seen > 3) throw event e;', 'ok', 'the global seen'],
    ['a map', 'if (peer in names && ok) throw event e;', 'ok', 'the global names'],
    [
      'a variable of two values',
      'n = len; if (ok) n = 2; if (n == 2) throw event e;',
      undefined,
      'the variable n',
    ],
    [
      'a variable of an optional field',
      'n = code; if (n == 0) throw event e;',
      undefined,
      'the variable n',
    ],
    [
      'a rounded 64-bit field',
      'n = total; if (n == 1) throw event e;',
      undefined,
      'the variable n',
    ],
    [
      'a function of scripts',
      'if (stack(3) =~ "x" && len == 1) throw event e;',
      'len == 1',
      'stack()',
    ],
    [
      'the time',
      'if (len == 1 && timestamp_ns() > 5) throw event e;',
      'len == 1',
      'timestamp_ns()',
    ],
    [
      'a next behind a global',
      'if (seen > 3) next; if (ok) throw event e;',
      'ok',
      'the global seen',
    ],
  ])('says what only the script knows, and keeps the rest: %s', (_, body, where, named) => {
    const text = `event e; global seen, names; probe sample.posted { ${body} } probe begin { seen = 1; names["a"] = 1; }`;
    const cause = causeOf(text);
    expect(cause?.where).toBe(where);
    expect(cause?.late).toBe(`Whether it is thrown depends on ${named}, which only the script knows.`); // prettier-ignore
  });

  it('holds more often for a throw in a loop', () => {
    const text =
      'event e; probe sample.posted { if (ok) while (len > 3) { throw event e; break; } }';
    expect(causeOf(text)).toEqual({ event: 'sample.posted', where: 'ok', late: 'It is thrown in a loop.' }); // prettier-ignore
  });

  it.each([
    ['two statements throw it', 'probe sample.posted { throw event e; throw event e; }'],
    ['two probes throw it', 'probe sample.posted { throw event e } probe end { throw event e }'],
    ['the probe has two points', 'probe sample.posted, sample.requested { throw event e }'],
    ['the point is a pattern', 'probe sample.p* { throw event e }'],
    ['the point is no event', 'probe begin { throw event e }'],
    ['the event is not there yet', 'probe await some.thing { throw event e }'],
    ['nobody throws it', ''],
  ])('is not told when %s', (_, probes) => {
    const { program } = parseProgram([{ name: 'a.ev', text: `event e; ${probes}` }]);
    expect(checkProgram(program, testCatalogue).checked?.events[0]).not.toHaveProperty('cause');
  });
});

// ---- Random guards

const names = { hasFields: true, hasGlobals: false, numbers: [], strings: [], isPlain: true };
const known = expressionsOf(names);
const withLocals = expressionsOf({ ...names, numbers: ['n', 'm'], strings: ['s'] });
const guard = fc.oneof(
  { arbitrary: withLocals.bool, weight: 6 },
  { arbitrary: withLocals.bool.map((b) => `(${b}) && seen > 0`), weight: 1 },
);
const before = fc.oneof(
  guard.map((c) => `if (${c}) next;`),
  fc.tuple(guard, guard).map(([a, b]) => `if (${a}) { print(1); if (${b}) next; } else { next; }`),
  fc.constantFrom('print(len);', 'last = peer;', 'seen++;'),
);
const bodies = fc.letrec<{ body: string }>((tie) => ({
  body: fc
    .tuple(
      fc.array(before, { maxLength: 2 }),
      fc.oneof(
        { maxDepth: 3, depthSize: 'small' },
        fc.constant('throw event e;'),
        fc.tuple(guard, tie('body')).map(([c, b]) => `if (${c}) { ${b} }`),
        fc.tuple(guard, tie('body')).map(([c, b]) => `if (${c}) { print(2); } else { ${b} }`),
      ),
    )
    .map(([all, last]) => [...all, last].join(' ')),
})).body;
const programs = fc
  .tuple(fc.option(known.bool, { nil: undefined }), known.number, known.whole, known.string, bodies)
  .map(
    ([c, n, m, s, body]) =>
      `event e; global seen, last; probe sample.posted${c === undefined ? '' : ` if (${c})`} { n = ${n}; m = ${m}; s = ${s}; ${body} }`,
  );
const context = { pid: 42, tid: 43, threadId: 0, threadName: 'main', timestampNs: 5, eventName: 'sample.posted' }; // prettier-ignore

describe('random guards', () => {
  it('hold exactly when the event is thrown, and at least then when a part is left out', () => {
    let exact = 0;
    fc.assert(
      fc.property(programs, fc.array(payloadsOf(sampleDescriptor), { minLength: 8, maxLength: 8 }), fc.nat(1), (text, payloads, seen) => {
        const { cause, condition, statements } = check(text);
        const holds = cause?.where === undefined ? () => true : compilePredicate(cause.where, sampleDescriptor);
        if (cause?.late === undefined) exact++;
        for (const payload of payloads) {
          const machine = new Machine(payload, seen);
          const isThrown = machine.test(condition) && machine.run(statements) === 'thrown';
          const mayHoldMore = !isThrown && cause?.late !== undefined;
          expect([text, cause?.where, mayHoldMore || holds(payload, context)]).toEqual([text, cause?.where, mayHoldMore || isThrown]);
        }
      }),
      { numRuns: 200 },
    ); // prettier-ignore
    expect(exact).toBeGreaterThan(20);
  });
});

type Value = RuntimeValue | undefined;

/** Runs a checked body in the plainest way, up to the throw. */
class Machine {
  readonly #payload: AnyPayload;
  readonly #globals: (number | string)[];
  readonly #locals: Value[] = [];

  constructor(payload: AnyPayload, seen: number) {
    this.#payload = payload;
    this.#globals = [seen, ''];
  }

  test(node: ScriptNode | undefined): boolean {
    return node === undefined || this.value(node) === true;
  }

  run(statements: readonly CheckedStatement[]): 'thrown' | 'left' | undefined {
    for (const statement of statements) {
      if (statement.kind === 'throw') return 'thrown';
      if (statement.kind === 'next') return 'left';
      if (statement.kind === 'if') {
        const way = this.test(statement.condition) ? statement.then : statement.otherwise;
        const end = this.run(way);
        if (end !== undefined) return end;
      }
      if (statement.kind === 'set-local') {
        const value = this.value(statement.value);
        if (value !== undefined) this.#locals[statement.local] = value;
        else this.#locals[statement.local] ??= statement.value.type === 'string' ? '' : 0;
      }
      if (statement.kind === 'add') this.#globals[0] = Number(this.#globals[0]) + 1;
    }
    return undefined;
  }

  value(node: ScriptNode): Value {
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- the generator makes no others
    switch (node.kind) {
      case 'constant':
        return node.value;
      case 'field':
        return helpers.own(this.#payload, node.name) as Value;
      case 'present':
        return helpers.own(this.#payload, node.name) !== undefined;
      case 'context':
        return context[node.property];
      case 'local':
        return this.#locals[node.local];
      case 'global':
        return this.#globals[node.global];
      case 'not':
        return this.value(node.operand) !== true;
      case 'all':
        return node.operands.every((each) => this.value(each) === true);
      case 'any':
        return node.operands.some((each) => this.value(each) === true);
      case 'choice':
        return this.value(this.value(node.condition) === true ? node.whenTrue : node.whenFalse);
      case 'match': {
        const subject = this.value(node.subject);
        return typeof subject === 'string' && node.regex.test(subject) !== node.isNegated;
      }
      case 'operation': {
        const operands = node.operands.map((each) => this.value(each));
        if (operands.includes(undefined)) return node.type === 'bool' ? false : undefined;
        const run = operations[node.operation].run as (...all: readonly Value[]) => RuntimeValue;
        return run(...operands);
      }
      default:
        throw new Error(`no ${node.kind} here`);
    }
  }
}
