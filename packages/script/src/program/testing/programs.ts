/** Random valid programs: every one checks clean against `testCatalogue`, and its loops end. */
import * as fc from 'fast-check';
import { expressionsOf } from './expressions.ts';
import type { Expressions, Names } from './expressions.ts';

const declarations = `event chained.small { n: u32, s: string?, b: bool? }
event chained.wide { n: i64, f: f64, t: string, tiny: u8? }
event chained.bare;
global total_len, peak, last_peer, was_ok, spread, sizes
global counts, pairs, limit = 5
`;
// So that each global has a type whatever the probes do.
const settled = `probe begin {
  total_len += 0; peak = 0; last_peer = ""; was_ok = false; spread <<< 0; sizes[0] <<< 0;
  counts[""] += 0; pairs["", 0] = 0; delete sizes; delete counts; delete pairs;
}
`;

interface Place {
  readonly names: Names;
  /** Loops around it; names of loop variables differ by it. */
  readonly loops: number;
  readonly depth: number;
}

/** A body: statements that fit a place. */
function bodyOf(hasFields: boolean): fc.Arbitrary<string> {
  const names: Names = { hasFields, hasGlobals: true, numbers: ['n0', 'n1'], strings: ['s0'] };
  const first = expressionsOf({ ...names, numbers: [], strings: [] });
  const place = { names, loops: 0, depth: 3 };
  return fc
    .tuple(first.number, first.whole, first.string, fc.array(statementOf(place), { maxLength: 4 }))
    .map(([n0, n1, s0, rest]) => `n0 = ${n0}; n1 = ${n1}; s0 = ${s0}; ${rest.join(' ')}`);
}

function statementOf(place: Place): fc.Arbitrary<string> {
  const values = expressionsOf(place.names);
  const simple = [
    ...assignments(values),
    ...outputs(values),
    ...throws(values),
    fc.constant('next;'),
  ];
  if (place.loops > 0) simple.push(fc.constantFrom('break;', 'continue;'));
  if (place.depth === 0) return fc.oneof(...simple);
  const below = statementOf({ ...place, depth: place.depth - 1 });
  const block = fc.array(below, { maxLength: 2 }).map((all) => `{ ${all.join(' ')} }`);
  return fc.oneof(
    { arbitrary: fc.oneof(...simple), weight: 6 },
    { arbitrary: fc.tuple(values.bool, block).map(([c, b]) => `if (${c}) ${b}`), weight: 2 },
    { arbitrary: fc.tuple(values.bool, below, block).map(([c, a, b]) => `if (${c}) ${a} else ${b}`), weight: 1 }, // prettier-ignore
    { arbitrary: loopOf(place, values), weight: 1 },
  );
}

function assignments({ number, whole, string, bool }: Expressions): fc.Arbitrary<string>[] {
  return [
    fc.tuple(fc.constantFrom('total_len', 'n0', 'n1'), fc.constantFrom('+=', '-='), number).map((all) => `${all.join(' ')};`),
    fc.tuple(fc.constantFrom('peak', 'n0', 'pairs["x", 1]'), fc.constantFrom('=', '*=', '/=', '%='), number).map((all) => `${all.join(' ')};`),
    fc.constantFrom('total_len++;', 'total_len--;', 'n1++;'),
    fc.tuple(fc.constantFrom('last_peer', 's0'), fc.constantFrom('=', '+='), string).map(([a, o, s]) => `${a} ${o} substr(${s}, 0, 40);`),
    bool.map((b) => `was_ok = ${b};`),
    number.map((n) => `spread <<< ${n};`),
    fc.tuple(number, number).map(([k, n]) => `sizes[${k}] <<< ${n};`),
    fc.tuple(string, fc.constantFrom('++', '--', ' += 2')).map(([k, o]) => `counts[${k}]${o};`),
    fc.tuple(string, whole, number).map(([a, b, n]) => `pairs[${a}, ${b}] = ${n};`),
    fc.tuple(string, whole).map(([a, b]) => `delete pairs[${a}, ${b}];`),
    string.map((a) => `delete counts[${a}];`),
    fc.constantFrom('delete counts;', 'delete sizes;', 'delete pairs;'),
  ]; // prettier-ignore
}

function outputs({ number, string, bool }: Expressions): fc.Arbitrary<string>[] {
  return [
    fc.tuple(number, string, bool).map(([n, s, b]) => `printf("%d %-6s|%08.3f %s %x\\n", ${n}, ${s}, ${n}, ${b}, ${n});`), // prettier-ignore
    fc.oneof(number, string, bool).map((x) => `print(${x});`),
    fc.constantFrom('printf("100%%\\n");', 'print(@hist(spread));', 'print(@lhist(sizes[5], 0, 100, 10));'), // prettier-ignore
  ];
}

function throws({ number, string, bool }: Expressions): fc.Arbitrary<string>[] {
  return [
    fc.constant('throw event chained.bare;'),
    fc.tuple(number, string, bool).map(([n, s, b]) => `throw event chained.small { n = (${n} + 0), s = ${s}, b = ${b} };`), // prettier-ignore
    number.map((n) => `throw event chained.small { n = (${n} + 0) };`),
    fc.tuple(number, number, string).map(([n, f, t]) => `throw event chained.wide { n = (${n} + 0), f = ${f}, t = ${t}, tiny = (${f} + 0) };`), // prettier-ignore
  ];
}

function loopOf(place: Place, values: Expressions): fc.Arbitrary<string> {
  const inside = (names: Partial<Names>): fc.Arbitrary<string> =>
    fc
      .array(
        statementOf({
          names: { ...place.names, ...names },
          loops: place.loops + 1,
          depth: place.depth - 1,
        }),
        { maxLength: 2 },
      ) // prettier-ignore
      .map((all) => all.join(' '));
  const id = `${place.loops}${place.depth}`;
  const withNumber = { numbers: [...place.names.numbers, `i${id}`] };
  const withKey = { strings: [...place.names.strings, `k${id}`] };
  const order = fc.constantFrom('', '-', '+', '- limit 3', ' limit n1');
  return fc.oneof(
    fc.tuple(fc.nat(4), inside(withNumber)).map(([n, body]) => `for (i${id} = 0; i${id} < ${n}; i${id}++) { ${body} }`), // prettier-ignore
    fc.tuple(values.bool, inside({})).map(([c, body]) => `{ w${id} = 0; while (w${id} < 3 && ${c}) { w${id}++; ${body} } }`), // prettier-ignore
    fc.tuple(order, inside(withKey)).map(([o, body]) => `foreach (k${id} in counts${o}) { ${body} }`), // prettier-ignore
    fc.tuple(order, inside({ strings: [...place.names.strings, `a${id}`], numbers: [...place.names.numbers, `b${id}`] })).map(([o, body]) => `foreach ([a${id}, b${id}] in pairs${o}) { ${body} }`), // prettier-ignore
    fc.tuple(order, inside({ numbers: [...place.names.numbers, `p${id}`] })).map(([o, body]) => `foreach (p${id} in sizes${o}) { ${body} }`), // prettier-ignore
  );
}

const condition = expressionsOf({ hasFields: true, hasGlobals: true, numbers: [], strings: [] }).bool; // prettier-ignore

const eventProbe = fc
  .tuple(fc.option(condition, { nil: undefined }), bodyOf(true))
  .map(([c, body]) => `probe sample.posted${c === undefined ? '' : ` if (${c})`} { ${body} }\n`);
const chainedProbe = fc
  .tuple(fc.constantFrom('chained.small', 'chained.*', 'chained.bare, chained.wide'), bodyOf(false))
  .map(([pattern, body]) => `probe ${pattern} { ${body} }\n`);
const ownProbe = fc
  .tuple(fc.constantFrom('begin', 'end', 'timer.s(1)', 'timer.ms(100), end'), bodyOf(false))
  .map(([points, body]) => `probe ${points} { ${body} }\n`);

/** Texts of valid programs. */
export const validPrograms: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(eventProbe, { minLength: 1, maxLength: 3 }),
    fc.array(fc.oneof(chainedProbe, ownProbe), { maxLength: 2 }),
  )
  .map(([events, others]) => declarations + settled + events.join('') + others.join(''));

/** Texts of which hardly any is a program: words of the language in any order. */
export const garbledPrograms: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'event ', 'global ', 'probe ', 'if ', 'else ', 'while ', 'for ', 'foreach ', 'throw ', 'delete ', 'next', ' in ',
        'sample.posted ', 'await ', 'timer.s', 'begin ', 'end ', 'x', 'sizes', '$len', 'printf', '{', '}', '(', ')', '[', ']',
        ';', ',', '=', '==', '+=', '++', '<<<', '@count', '"', "'", '"a"', '13', '0x', '#', '//', '/*', '*/', '\n', '\r\n',
        '\0', '\uFEFF', '\uD800', '\u2028', '?', ':', '-', '!', '.', '\\',
      ),
      fc.string({ maxLength: 6, unit: 'binary' }),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join('')); // prettier-ignore
