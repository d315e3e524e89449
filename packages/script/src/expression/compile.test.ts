import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { AnyPayload, EventTypeDescriptor, Fields } from '@extension-events/core';
import { describe, expect, it } from 'vitest';
import { checkExpression, checkPredicate } from './check.ts';
import { closePredicate, closeValue } from './closures.ts';
import { compileExpression, compilePredicate, fieldsOf } from './compile.ts';
import { parseExpression } from './parser.ts';

const context = {
  pid: 4242,
  tid: 4243,
  threadId: 1,
  threadName: 'worker',
  timestampNs: 1e9,
  eventName: 'sample',
};

function describeEvent(fields: Fields): EventTypeDescriptor {
  return { name: 'sample', kind: 'filtered', description: '', fields };
}

/** Evaluates both ways, which must agree. */
function evaluate(text: string, fields: Fields, payload: AnyPayload): boolean {
  const descriptor = describeEvent(fields);
  const generated = compilePredicate(text, descriptor)(payload, context);
  const closed = closePredicate(checkPredicate(parseExpression(text), descriptor).root);
  expect(closed(payload, context)).toBe(generated);
  return generated;
}

describe('numbers', () => {
  const fields = {
    len: { type: 'u32' },
    bytes: { type: 'u64' },
    delta: { type: 'i64' },
    rate: { type: 'f64' },
  } as const;
  const payload = { len: 13, bytes: 2n ** 64n - 1n, delta: -(2n ** 63n), rate: 2.5 };

  it.each([
    ['bytes > 9007199254740993', 9_007_199_254_740_993n, false],
    ['bytes > 9007199254740993', 9_007_199_254_740_994n, true],
    ['bytes == 9007199254740993', 9_007_199_254_740_992n, false],
    ['bytes == 9007199254740993', 9_007_199_254_740_993n, true],
    ['bytes == 13', 13n, true],
    ['bytes == len', 13n, true],
    ['len != bytes', 13n, false],
    ['bytes == 13.0', 13n, true],
    ['bytes < rate', 2n, true],
    ['bytes > rate', 3n, true],
    ['bytes - 1 == 18446744073709551614', 2n ** 64n - 1n, true],
    ['bytes + len == 18446744073709551628', 2n ** 64n - 1n, true],
  ] as const)('%s is exact when bytes is %d: %s', (text, bytes, expected) => {
    expect(evaluate(text, fields, { ...payload, bytes })).toBe(expected);
  });

  it.each([
    '7 / 2 == 3.5',
    'bytes / 2 > 9.2e18',
    'len / 0 > 1e308',
    '-len / 0 < -1e308',
    '!(0 / 0 == 0 / 0)',
    'bytes / 0 > 1e308',
    'bytes % 0 == 0',
    '!(len % 0 == 0)',
    '-7 % 3 == -1',
    '1 << 40 == 1099511627776',
    '0xffffffff & 0x80000000 == 2147483648',
    '~0 == -1',
    '~0 & 0xff == 255',
    '-1 >> 1 == -1',
    'len << 64 == 0',
    'len << -1 == 0',
    'bytes << 63 >> 63 == bytes',
    'bytes << bytes == 0',
    'delta >> 62 == -2',
    '(5 | 2) ^ 1 == 6',
    'bytes & 0xff == 255',
    'abs(delta) == 9223372036854775808',
    'min(bytes, len) == 13',
    'max(rate, len) == 13',
    'floor(-2.5) == -3',
    'floor(rate) & 3 == 2',
    'pid() == 4242 && tid() == 4243 && thread_id() == 1 && timestamp_ns() == 1_000_000_000',
    '9007199254740992 * 3 == 27021597764222976',
  ])('%s', (text) => {
    expect(evaluate(text, fields, payload)).toBe(true);
  });
});

describe('strings and bytes', () => {
  const fields = {
    peer: { type: 'string' },
    body: { type: 'bytes' },
    stack: { type: 'stack' },
  } as const;
  const payload = {
    peer: '10.0.0.7:80',
    body: new Uint8Array(3),
    stack: 'send (net.js:1:1)\nmain (app.js:2:2)',
  };

  it.each([
    String.raw`peer =~ "^10\.0\."`,
    String.raw`peer =~ '^10\\.0\\.'`,
    'peer !~ "^11"',
    'stack =~ "^send .*\n"'.replace('\n', String.raw`\n`),
    'contains(stack, "app.js") && starts_with(peer, "10.") && ends_with(peer, ":80")',
    'len(peer) == 11 && len(body) == 3',
    'lower("ÀB") == "àb" && upper("ß") == "SS"',
    'substr(peer, 0, 2) == "10" && substr(peer, 9) == "80" && substr(peer, -3, 2) == "10"',
    'substr(peer, 99) == "" && substr(peer, 3, -1) == "" && substr(peer, 18446744073709551615) == ""',
    'peer + "!" == "10.0.0.7:80!"',
    '"a" < "b" && "B" < "a"',
    'thread_name() == "worker" && event_name() == "sample"',
  ])('%s', (text) => {
    expect(evaluate(text, fields, payload)).toBe(true);
  });

  it('takes any character in a literal for itself and never for code', () => {
    const nasty = '\u2028\u2029"\'`\\${p}*/ // </script> \0\r\n\ud800 $0 $1 $& //# sourceURL=x';
    const quoted = `"${Array.from(nasty, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`).join('')}"`;
    expect(evaluate(`peer == ${quoted}`, fields, { ...payload, peer: nasty })).toBe(true);
    expect(
      evaluate('peer == "\u2028$0" + "\u2029"', fields, { ...payload, peer: '\u2028$0\u2029' }),
    ).toBe(true);
  });
});

describe('absent fields', () => {
  const fields = {
    len: { type: 'u32', optional: true },
    total: { type: 'u64', optional: true },
    peer: { type: 'string', optional: true },
    ok: { type: 'bool', optional: true },
    fd: { type: 'i32' },
  } as const;

  it.each([
    'len == 0',
    'len != 0',
    'len < 1',
    'len >= 0',
    'len == len',
    'len + 1 > 0',
    'total + fd != 7',
    'total % 0 == 0',
    'peer == ""',
    'peer =~ ""',
    'peer !~ "x"',
    'len(peer) >= 0',
    'contains(peer, "")',
    'substr(peer, 0, len) == ""',
    'max(len, fd) > 0',
    'ok',
    'ok == false',
    'ok ? true : false',
    'present(len)',
    '(fd == 7 ? len : 3) == 3',
    'present(len) && len == 0',
  ])('%s is false', (text) => {
    expect(evaluate(text, fields, { fd: 7 })).toBe(false);
  });

  it.each([
    '!(len == 0)',
    '!ok',
    '!present(peer)',
    'len == 0 || fd == 7',
    '(present(len) ? len : 3) == 3',
    '(fd == 8 ? len : 3) == 3',
  ])('%s is true', (text) => {
    expect(evaluate(text, fields, { fd: 7 })).toBe(true);
  });

  it('counts an inherited property as absent', () => {
    const odd = {
      constructor: { type: 'string', optional: true },
      toString: { type: 'string', optional: true },
      ['__proto__']: { type: 'string', optional: true },
    } as const;
    for (const name of Object.keys(odd)) {
      const own = JSON.parse(`{"${name}": "x"}`) as AnyPayload;
      expect(evaluate(`present(${name})`, odd, {})).toBe(false);
      expect(evaluate(`${name} != ""`, odd, {})).toBe(false);
      expect(evaluate(`present(${name}) && ${name} == "x"`, odd, own)).toBe(true);
    }
  });
});

describe('compilePredicate', () => {
  const fields = {
    len: { type: 'u32' },
    peer: { type: 'string' },
    total: { type: 'u64' },
  } as const;

  it('does not match, and does not throw, when a payload breaks its descriptor', () => {
    const texts = [
      'len(peer) == 0',
      'peer =~ "x"',
      'total + 1 > 0',
      'upper(peer) == "X"',
      'contains(peer, "x")',
    ];
    const throwing = Object.defineProperty({}, 'peer', {
      get() {
        throw new Error('no');
      },
    });
    for (const text of texts) {
      expect(evaluate(text, fields, { total: 'x' })).toBe(false);
      expect(evaluate(text, fields, throwing as AnyPayload)).toBe(false);
      expect(evaluate(text, fields, null as unknown as AnyPayload)).toBe(false);
    }
  });

  it('gives its code a url of ours, a new one for each predicate', () => {
    const urls = [1, 2].map(() => {
      let stack = '';
      const payload = {
        get len() {
          stack = new Error('here').stack ?? '';
          return 13;
        },
      };
      expect(compilePredicate('len == 13', describeEvent(fields))(payload, context)).toBe(true);
      return /extension-events:expression\/\d+/.exec(stack)?.[0];
    });
    expect(urls[0]).toBeDefined();
    expect(urls[1]).toBeDefined();
    expect(urls[0]).not.toBe(urls[1]);
  });

  it('works the same where code from strings is forbidden', () => {
    const script = `
      import { compilePredicate } from '@extension-events/script/expression';
      let isForbidden = false;
      try { new Function('return 1')(); } catch { isForbidden = true; }
      const fields = { len: { type: 'u32' }, peer: { type: 'string', optional: true } };
      const matches = compilePredicate('len == 13 && !(peer =~ "^11")', { name: 'sample', kind: 'filtered', description: '', fields });
      console.log(isForbidden, [{ len: 13 }, { len: 14 }, { len: 13, peer: '11' }].map((p) => matches(p, {})).join());
    `;
    const flags = [
      '--conditions=@extension-events/source',
      '--disallow-code-generation-from-strings',
    ];
    const output = execFileSync(process.execPath, [...flags, '--input-type=module', '-e', script], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      encoding: 'utf8',
    });
    expect(output.trim()).toBe('true true,false,false');
  });

  it('allocates nothing for a call', () => {
    const optional = { ...fields, rate: { type: 'f64', optional: true } } as const;
    const matches = compilePredicate(
      'len + 1 == 13 && peer =~ "^10" && starts_with(peer, "1") || rate > len',
      describeEvent(optional),
    );
    const payload = { len: 13, peer: '10.0.0.7', total: 5n, rate: 0.5 };
    const calls = 200_000;
    // One object a call would be at least 3 MB. A collection in between can only make it less, and
    // the compiler's own allocations go away when it is done, so the smallest of several counts.
    const grown = Array.from({ length: 10 }, () => {
      const before = process.memoryUsage().heapUsed;
      for (let i = 0; i < calls; i++) matches(payload, context);
      return process.memoryUsage().heapUsed - before;
    });
    expect(Math.min(...grown.map(Math.abs))).toBeLessThan(calls);
  });
});

describe('fieldsOf', () => {
  it('lists the names that a text reads, without an event type', () => {
    expect(fieldsOf('present(a) && $b > f(c, -a) ? d =~ "e" : len(len) == 1')).toEqual([
      'a',
      'b',
      'c',
      'd',
      'len',
    ]);
    expect(fieldsOf('pid() == 1')).toEqual([]);
  });
});

describe('an expression for a value', () => {
  const fields = {
    len: { type: 'u32' },
    total: { type: 'u64' },
    name: { type: 'string' },
    body: { type: 'bytes' },
    peer: { type: 'string', optional: true },
    port: { type: 'u16', optional: true },
  } as const;
  const payload = { len: 13, total: 2n ** 60n, name: 'Read', body: Uint8Array.of(1, 2) };

  /** Both ways, which must agree. */
  function value(text: string): unknown {
    const generated = compileExpression(text, describeEvent(fields))(payload, context);
    const { root } = checkExpression(parseExpression(text), describeEvent(fields));
    expect(closeValue(root)(payload, context)).toEqual(generated);
    return generated;
  }

  it.each([
    ['len', 13],
    ['$len * 2 + 1', 27],
    ['total', 2n ** 60n],
    ['total + len', 2n ** 60n + 13n],
    ['len / 2', 6.5],
    ['lower(name)', 'read'],
    ['body', Uint8Array.of(1, 2)],
    ['len == 13', true],
    ['len == 13 ? "lucky" : name', 'lucky'],
    ['tid()', 4243],
    ['"13"', '13'],
    ['port', undefined],
    ['port + 1', undefined],
    ['lower(peer)', undefined],
    ['port == 80', false],
    ['len / 0', Infinity],
  ])('%s is %s', (text, expected) => {
    expect(value(text)).toEqual(expected);
  });

  it.each([
    ['len +', 'EE_EXPR_SYNTAX'],
    ['nosuch', 'EE_EXPR_FIELD'],
    ['name * 2', 'EE_EXPR_TYPE'],
    ['wibble(len)', 'EE_EXPR_FUNCTION'],
  ])('%s is refused with %s', (text, code) => {
    expect(() => compileExpression(text, describeEvent(fields))).toThrow(expect.objectContaining({ code })); // prettier-ignore
  });

  it('is absent for a payload that breaks its descriptor, and does not throw', () => {
    const lower = compileExpression('lower(name)', describeEvent(fields));
    expect(lower({ name: 5 }, context)).toBeUndefined();
  });
});
