/** Random scripts as text: valid by their making, and with loops and throws that may go too far. */
import * as fc from 'fast-check';
import type { Fields } from '@extension-events/core';

/** The event types that random scripts probe. */
export const randomTypes: Readonly<Record<string, Fields>> = {
  'a.sent': {
    len: { type: 'u32' },
    amount: { type: 'u64' },
    rate: { type: 'f64' },
    ok: { type: 'bool' },
    peer: { type: 'string' },
    body: { type: 'bytes' },
    code: { type: 'i32', optional: true },
    note: { type: 'string', optional: true },
  },
  'b.seen': { len: { type: 'u8' }, peer: { type: 'string' }, big: { type: 'i64', optional: true } },
};

/** What every random script declares; uses keep to these shapes. */
const declarations = `
event inner { n: u32, s: string, big: u64?, maybe: i8? }
event outer { n: f64 }
global total, by_len, by_peer, pairs
global last, names, flags
global sizes, hists, lines
`;

type Kind = 'number' | 'string' | 'bool';
interface Place {
  /** Fields by kind; those of thrown events too. */
  readonly number: readonly string[];
  readonly string: readonly string[];
  readonly bool: readonly string[];
}

const places: Readonly<Record<string, Place>> = {
  'a.sent': {
    number: ['$len', '$amount', '$rate', '$code', 'len($body)', 'len'],
    string: ['$peer', '$note', 'peer'],
    bool: ['$ok', 'present(code)', 'present(note)'],
  },
  'b.seen': { number: ['$len', '$big'], string: ['$peer'], bool: ['present(big)'] },
  inner: { number: ['$n', '$big', '$maybe'], string: ['$s'], bool: ['present(maybe)'] },
  outer: { number: ['$n'], string: ['"o"'], bool: ['true'] },
};

const texts = ['""', '"a"', '"10.0."', '"__proto__"', '"constructor"', '"\\u2028\\""', '"ß"'];
const patterns = ['"^1"', '"(\\\\d+)\\\\.(\\\\d+)"', '"[a-z]*$"'];

type Expressions = Record<Kind, fc.Arbitrary<string>>;

function expressionsOf(place: Place, hasLoop: boolean): Expressions {
  const { bool, number, string } = fc.letrec<Record<Kind, string>>((tie) => {
    const n = tie('number');
    const s = tie('string');
    const b = tie('bool');
    return {
      number: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constantFrom(...place.number, 'a', ...(hasLoop ? ['i'] : [])),
        fc.constantFrom('0', '1', '7', '2.5', '4294967296', '18446744073709551615'),
        fc.constantFrom('total', 'last', 'count(by_len)', '@count(sizes)', '@sum(sizes)', '@avg(sizes)', '@max(sizes)'),
        n.map((x) => `by_len[${x}]`),
        fc.tuple(s, n).map(([x, y]) => `pairs[${x}, ${y}]`),
        s.map((x) => `by_peer[${x}]`),
        s.map((x) => `@count(hists[${x}])`),
        s.map((x) => `@min(hists[${x}])`),
        fc.tuple(n, fc.constantFrom('+', '-', '*', '/', '%'), n).map(([x, o, y]) => `(${x} ${o} ${y})`),
        fc.tuple(b, n, n).map(([c, x, y]) => `(${c} ? ${x} : ${y})`),
        fc.tuple(fc.constantFrom('ceil', 'round', 'sqrt', 'log2', 'abs', 'floor'), n).map(([f, x]) => `${f}(${x})`),
        fc.tuple(fc.constantFrom('min', 'max', 'pow'), n, n).map(([f, x, y]) => `${f}(${x}, ${y})`),
        s.map((x) => `len(${x})`),
        s.map((x) => `int(${x})`),
        fc.tuple(s, s).map(([x, y]) => `index_of(${x}, ${y})`),
      ),
      string: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constantFrom(...place.string, 't'),
        fc.constantFrom(...texts),
        n.map((x) => `names[${x}]`),
        fc.tuple(s, s).map(([x, y]) => `(${x} + ${y})`),
        n.map((x) => `str(${x})`),
        fc.tuple(b, s, s).map(([c, x, y]) => `(${c} ? ${x} : ${y})`),
        fc.tuple(fc.constantFrom('upper', 'lower', 'trim'), s).map(([f, x]) => `${f}(${x})`),
        fc.tuple(s, s, s).map(([x, y, z]) => `replace(${x}, ${y}, ${z})`),
        fc.tuple(s, fc.nat(4), fc.nat(4)).map(([x, y, z]) => `substr(${x}, ${y}, ${z})`),
        fc.tuple(s, fc.constantFrom(...patterns)).map(([x, p]) => `match(${x}, ${p})`),
        fc.tuple(n, s, b).map(([x, y, z]) => `sprintf("%d|%5.1f|%-6s|%s|%x", ${x}, ${x}, ${y}, ${z}, ${x})`),
        fc.constantFrom('@hist(sizes)', '@lhist(lines, 0, 10, 3)', 'probe_name()'),
        s.map((x) => `@hist(hists[${x}])`),
      ),
      bool: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constantFrom(...place.bool, 'true', 'false'),
        fc.tuple(n, fc.constantFrom('==', '!=', '<', '<=', '>', '>='), n).map(([x, o, y]) => `(${x} ${o} ${y})`),
        fc.tuple(s, fc.constantFrom('==', '!=', '<'), s).map(([x, o, y]) => `(${x} ${o} ${y})`),
        fc.tuple(b, fc.constantFrom('&&', '||'), b).map(([x, o, y]) => `(${x} ${o} ${y})`),
        b.map((x) => `!${x}`),
        n.map((x) => `(${x} in by_len)`),
        fc.tuple(s, n).map(([x, y]) => `([${x}, ${y}] in pairs)`),
        s.map((x) => `flags[${x}]`),
        s.map((x) => `(${x} in hists)`),
        fc.tuple(s, fc.constantFrom('=~', '!~'), fc.constantFrom(...patterns)).map(([x, o, p]) => `(${x} ${o} ${p})`),
        fc.tuple(fc.constantFrom('contains', 'starts_with'), s, s).map(([f, x, y]) => `${f}(${x}, ${y})`),
      ),
    };
  });
  return { bool, number, string };
} // prettier-ignore

function statementsOf(event: string, depth: number, hasLoop: boolean): fc.Arbitrary<string> {
  const place = places[event] ?? { number: ['0'], string: ['""'], bool: ['true'] };
  const { bool: b, number: n, string: s } = expressionsOf(place, hasLoop);
  const inner = depth <= 0 ? fc.constant('next;') : blockOf(event, depth - 1, hasLoop);
  const looped = depth <= 0 ? fc.constant('') : blockOf(event, depth - 1, true);
  const simple = [
    n.map((x) => `a = ${x};`),
    s.map((x) => `t = ${x};`),
    n.map((x) => `total += ${x};`),
    fc.constantFrom('total++;', 'total--;'),
    n.map((x) => `by_len[${x}]++;`),
    fc.tuple(s, n).map(([x, y]) => `by_peer[${x}] += ${y};`),
    fc.tuple(s, n, n).map(([x, y, z]) => `pairs[${x}, ${y}] -= ${z};`),
    n.map((x) => `last = ${x};`),
    n.map((x) => `last *= ${x};`),
    fc.tuple(n, s).map(([x, y]) => `names[${x}] = ${y};`),
    fc.tuple(s, b).map(([x, y]) => `flags[${x}] = ${y};`),
    n.map((x) => `sizes <<< ${x};`),
    n.map((x) => `lines <<< ${x};`),
    fc.tuple(s, n).map(([x, y]) => `hists[${x}] <<< ${y};`),
    fc.constantFrom('delete names;', 'delete flags;', 'delete last;', 'delete hists;'),
    n.map((x) => `delete names[${x}];`),
    s.map((x) => `delete hists[${x}];`),
    fc.tuple(n, s).map(([x, y]) => `printf("%d %s\\n", ${x}, ${y});`),
    s.map((x) => `print(${x});`),
    fc.tuple(n, s, n, n).map(([w, x, y, z]) => `throw event inner { n = (${w} + 0), s = ${x}, big = (${y} + 0), maybe = (${z} + 0) };`),
    fc.tuple(n, s).map(([x, y]) => `throw event inner { n = (${x} + 0), s = ${y} };`),
    n.map((x) => `throw event outer { n = ${x} };`),
    fc.tuple(b, inner).map(([c, x]) => `if (${c}) { ${x} }`),
    fc.tuple(b, inner, inner).map(([c, x, y]) => `if (${c}) { ${x} } else { ${y} }`),
    fc.tuple(fc.nat(20), looped).map(([c, x]) => `for (i = 0; i < ${c}; i++) { ${x} }`),
    looped.map((x) => `foreach (k in by_len) { ${x} total += k; }`),
    looped.map((x) => `foreach (p in hists- limit 3) { ${x} t = p; }`),
    looped.map((x) => `foreach ([p2, k2] in pairs+) { ${x} a = k2; }`),
    fc.tuple(n, looped).map(([c, x]) => `foreach (k3 in names+ limit ${c}) { ${x} }`),
    fc.tuple(b, looped).map(([c, x]) => `i = 0; while (${c} && i < 5) { i++; ${x} }`),
  ]; // prettier-ignore
  const rare = [
    fc.constant('next;'),
    fc.constant('exit();'),
    b.map((c) => `while (${c}) total++;`),
  ];
  const inLoop = hasLoop ? [b.map((c) => `if (${c}) break;`), b.map((c) => `if (${c}) continue;`)] : []; // prettier-ignore
  return fc.oneof(
    { arbitrary: fc.oneof(...simple, ...inLoop), weight: 20 },
    { arbitrary: fc.oneof(...rare), weight: 1 },
  );
}

function blockOf(event: string, depth: number, hasLoop: boolean): fc.Arbitrary<string> {
  return fc
    .array(statementsOf(event, depth, hasLoop), { maxLength: 4 })
    .map((list) => list.join(' '));
}

function probeOf(event: string): fc.Arbitrary<string> {
  const place = places[event] ?? { number: ['0'], string: ['""'], bool: ['true'] };
  // A condition stands before there are locals.
  const simple = { ...place, number: place.number, string: place.string };
  const condition = fc.option(expressionsOf(simple, false).bool.filter((x) => !/\b[at]\b/.test(x)), { nil: undefined, freq: 2 }); // prettier-ignore
  return fc
    .tuple(condition, blockOf(event, 2, false))
    .map(([c, body]) => `probe ${event}${c === undefined ? '' : ` if (${c})`} { a = 0; t = ""; i = 0; ${body} }`); // prettier-ignore
}

/** The whole text of a script. */
export const randomScript: fc.Arbitrary<string> = fc
  .array(fc.constantFrom('a.sent', 'a.sent', 'b.seen', 'inner', 'outer').chain(probeOf), {
    minLength: 1,
    maxLength: 4,
  })
  // Every global gets its shape, whatever the rest uses.
  .map(
    (probes) => `${declarations}
probe a.sent if (len == 4294967295 && len == 0) {
  total++; by_len[len]++; by_peer[peer]++; pairs[peer, len]++; last = 1; names[len] = peer; flags[peer] = ok;
  sizes <<< len; hists[peer] <<< len; lines <<< len; print(@lhist(lines, 0, 10, 3)); print(@hist(sizes)); print(@hist(hists[peer]));
}
${probes.join('\n')}`,
  );

const u32 = fc.oneof(fc.nat(20), fc.nat(4294967295));
const text = fc.oneof(
  fc.constantFrom(
    '',
    'a',
    '10.0.0.1',
    '__proto__',
    'constructor',
    'toString',
    '3.5 ms',
    'x'.repeat(2000),
  ),
  fc.string({ maxLength: 8 }),
);

/** Payloads that fit. */
export const randomPayloads: fc.Arbitrary<readonly [string, Readonly<Record<string, unknown>>]> =
  fc.oneof(
    fc
      .record(
        {
          len: u32,
          amount: fc.oneof(fc.bigInt(0n, 20n), fc.bigInt(0n, 2n ** 64n - 1n)),
          rate: fc.oneof(fc.nat(10), fc.double()),
          ok: fc.boolean(),
          peer: text,
          body: fc.uint8Array({ maxLength: 4 }),
          code: fc.integer({ min: -20, max: 20 }),
          note: text,
        },
        { requiredKeys: ['len', 'amount', 'rate', 'ok', 'peer', 'body'], noNullPrototype: true },
      )
      .map((payload) => ['a.sent', payload] as const),
    fc
      .record(
        { len: fc.nat(255), peer: text, big: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n) },
        { requiredKeys: ['len', 'peer'], noNullPrototype: true },
      )
      .map((payload) => ['b.seen', payload] as const),
  );
