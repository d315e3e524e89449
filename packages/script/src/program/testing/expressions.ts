/** Random well-typed expressions over a sample, globals and locals of known types. */
import * as fc from 'fast-check';

/** What may be named where an expression stands. */
export interface Names {
  readonly hasFields: boolean;
  /** Locals that have a value. */
  readonly numbers: readonly string[];
  readonly strings: readonly string[];
  readonly hasGlobals: boolean;
  /** Only functions that predicates have too. */
  readonly isPlain?: boolean;
}

/** Expressions by what they give; `whole` fits where no fraction may be. */
export interface Expressions {
  readonly number: fc.Arbitrary<string>;
  readonly whole: fc.Arbitrary<string>;
  readonly string: fc.Arbitrary<string>;
  readonly bool: fc.Arbitrary<string>;
}

const literalTexts = fc.constantFrom('""', '"a"', '"10."', '"443"', `'it\\'s "x"'`, '"\\n\\t\\\\"', '"é\\u{1f600}"', '"constructor"'); // prettier-ignore
const patterns = fc.constantFrom('"^10\\\\."', '"[0-9]+"', "'x'", '"(a|b)"', '"\\\\d+:\\\\d+$"');
const comparisons = fc.constantFrom('==', '!=', '<', '<=', '>', '>=');

function pick(
  list: readonly string[],
  ...otherwise: readonly fc.Arbitrary<string>[]
): readonly fc.Arbitrary<string>[] {
  return list.length === 0 ? otherwise : [fc.constantFrom(...list), ...otherwise];
}

/** Makes the arbitraries of one place. */
export function expressionsOf(names: Names): Expressions {
  const fields = (...list: readonly string[]): readonly string[] =>
    names.hasFields ? list.flatMap((name) => [name, `$${name}`]) : [];
  const globals = (...list: readonly string[]): readonly string[] => (names.hasGlobals ? list : []);
  const own = (...list: readonly fc.Arbitrary<string>[]): readonly fc.Arbitrary<string>[] =>
    names.isPlain === true ? [] : list;
  const { number, whole, string, bool } = fc.letrec<Record<keyof Expressions, string>>((tie) => {
    const call = (
      name: string,
      ...operands: readonly (keyof Expressions)[]
    ): fc.Arbitrary<string> =>
      fc.tuple(...operands.map((each) => tie(each))).map((texts) => `${name}(${texts.join(', ')})`);
    const join = (
      a: keyof Expressions,
      operator: fc.Arbitrary<string>,
      b: keyof Expressions = a,
    ): fc.Arbitrary<string> =>
      fc.tuple(tie(a), operator, tie(b)).map(([x, sign, y]) => `(${x} ${sign} ${y})`);
    const choice = (of: keyof Expressions): fc.Arbitrary<string> =>
      fc.tuple(tie('bool'), tie(of), tie(of)).map(([c, x, y]) => `(${c} ? ${x} : ${y})`);
    const keyed = (name: string, ...keys: readonly (keyof Expressions)[]): fc.Arbitrary<string> =>
      fc.tuple(...keys.map((each) => tie(each))).map((texts) => `${name}[${texts.join(', ')}]`);
    return {
      whole: fc.oneof(
        { maxDepth: 3, depthSize: 'small' },
        fc.nat(20).map(String),
        ...pick(
          fields('len', 'flags', 'delta', 'code'),
          fc.constantFrom('0xff', '1_000', 'pid()', 'thread_id()'),
        ),
        call('len', 'string'),
        call('floor', 'number'),
        ...own(call('index_of', 'string', 'string'), call('int', 'string'), call('ceil', 'number')),
        join('whole', fc.constantFrom('+', '-', '*', '%', '&', '|', '^', '<<', '>>')),
        tie('whole').map((x) => `(-${x})`),
        tie('whole').map((x) => `~${x}`),
        choice('whole'),
      ),
      number: fc.oneof(
        { maxDepth: 3, depthSize: 'small' },
        fc.constantFrom('0.5', '2.5e-1', '13', '9007199254740993'),
        ...pick([...fields('len', 'total', 'share', 'offset', 'code'), ...names.numbers, ...globals('total_len', 'limit', 'peak')]), // prettier-ignore
        tie('whole'),
        join('number', fc.constantFrom('+', '-', '*', '/', '%')),
        call('abs', 'number'),
        call('min', 'number', 'number'),
        call('max', 'number', 'number'),
        ...own(call('sqrt', 'number'), call('round', 'number'), call('pow', 'number', 'whole')),
        choice('number'),
        ...(names.hasGlobals
          ? [
              keyed('counts', 'string'),
              keyed('pairs', 'string', 'number'),
              keyed('sizes', 'number').map((x) => `@count(${x})`),
              keyed('sizes', 'number').map((x) => `@max(${x})`),
              fc.constantFrom('@sum(spread)', '@avg(spread)', 'count(counts)', 'count(sizes)'),
            ]
          : []),
      ),
      string: fc.oneof(
        { maxDepth: 3, depthSize: 'small' },
        literalTexts,
        ...pick([...fields('peer', 'note', 'trace'), ...names.strings, ...globals('last_peer')]),
        join('string', fc.constant('+')),
        call('lower', 'string'),
        call('upper', 'string'),
        call('substr', 'string', 'whole', 'whole'),
        ...own(
          call('trim', 'string'),
          call('replace', 'string', 'string', 'string'),
          call('str', 'number'),
          call('str', 'bool'),
          tie('number').map((x) => `sprintf("%d|%5.1f", ${x}, ${x})`),
          fc.tuple(tie('string'), fc.nat(1)).map(([s, n]) => `match(${s}, "([0-9]+)", ${n})`),
          fc.constant('probe_name()'),
        ),
        choice('string'),
      ),
      bool: fc.oneof(
        { maxDepth: 3, depthSize: 'small' },
        fc.constantFrom('true', 'false'),
        ...pick([...fields('ok', 'retried'), ...globals('was_ok')]),
        join('number', comparisons),
        join('whole', comparisons),
        join('string', comparisons),
        join('bool', fc.constantFrom('&&', '||', '==', '!=')),
        tie('bool').map((x) => `!${x}`),
        call('contains', 'string', 'string'),
        call('starts_with', 'string', 'string'),
        fc.tuple(tie('string'), fc.constantFrom('=~', '!~'), patterns).map(([s, sign, p]) => `(${s} ${sign} ${p})`), // prettier-ignore
        choice('bool'),
        ...(names.hasFields ? [fc.constantFrom('present(code)', 'present($note)')] : []),
        ...(names.hasGlobals
          ? [
              tie('string').map((x) => `(${x} in counts)`),
              fc.tuple(tie('string'), tie('number')).map(([x, y]) => `([${x}, ${y}] in pairs)`),
            ]
          : []),
      ),
    };
  });
  return { number, whole, string, bool };
}
