/**
 * Functions that scripts have beside those of expressions. The runtime implements what
 * {@link RuntimeFunction} names.
 */
import type { NumberType, ValueType } from '../expression/checked.ts';
import type { Parameter, Usage } from '../expression/functions.ts';
import type { Statistic } from './checked.ts';

/**
 * - `str`: a number, string or bool as text, as `%s` prints it. `time`: the clock on the wall, by a format.
 * - `int`: a value as a whole number, cut at its point; of a text that is no number 0.
 * - `ceil`, `round`, `sqrt`, `log2`, `pow`: as in Math.
 * - `replace`: every `part` of a string. `index_of`: -1 when it is not there. `trim`: blanks at both ends.
 * - `timestamp_ms`: `timestamp_ns()` in milliseconds.
 */
export type RuntimeFunction =
  | 'str' | 'int' | 'ceil' | 'round' | 'sqrt' | 'log2' | 'pow' | 'replace' | 'index_of' | 'trim'
  | 'timestamp_ms' | 'time'; // prettier-ignore

/** `text` is a string literal, `any` what can be printed, `map` the name of a map. */
export type ScriptParameter = Parameter | 'any' | 'text' | 'map';

export interface ScriptFunction extends Usage {
  readonly parameters: readonly ScriptParameter[];
  /** Takes any number of further arguments. */
  readonly isVariadic?: boolean;
  /** Of a plain function of its operands. */
  readonly plain?: { readonly name: RuntimeFunction; readonly type: ValueType };
}

function plain(
  usage: string,
  name: RuntimeFunction,
  type: NumberType | 'string',
  ...parameters: readonly ScriptParameter[]
): ScriptFunction {
  return { usage, parameters, plain: { name, type } };
}

/** Functions that give a value. */
export const scriptFunctions: Readonly<Record<string, ScriptFunction>> = {
  stack: { usage: 'stack([frames])', parameters: ['whole'], required: 0 },
  probe_name: { usage: 'probe_name()', parameters: [] },
  str: plain('str(value)', 'str', 'string', 'any'),
  int: { usage: 'int(value)', parameters: ['any'] },
  sprintf: { usage: 'sprintf("format", …)', parameters: ['text'], isVariadic: true },
  replace: plain('replace(string, part, by)', 'replace', 'string', 'string', 'string', 'string'),
  index_of: plain('index_of(string, part)', 'index_of', 'int', 'string', 'string'),
  trim: plain('trim(string)', 'trim', 'string', 'string'),
  ceil: plain('ceil(number)', 'ceil', 'int', 'number'),
  round: plain('round(number)', 'round', 'int', 'number'),
  sqrt: plain('sqrt(number)', 'sqrt', 'float', 'number'),
  log2: plain('log2(number)', 'log2', 'float', 'number'),
  pow: plain('pow(number, number)', 'pow', 'float', 'number', 'number'),
  match: {
    usage: 'match(string, "regex"[, group])',
    parameters: ['string', 'text', 'whole'],
    required: 2,
  },
  timestamp_ms: plain('timestamp_ms()', 'timestamp_ms', 'float'),
  time: plain('time("%H:%M:%S")', 'time', 'string', 'text'),
  count: { usage: 'count(map)', parameters: ['map'] },
};

/** Calls that are statements. */
export const statementFunctions: Readonly<Record<string, ScriptFunction>> = {
  printf: { usage: 'printf("format", …)', parameters: ['text'], isVariadic: true },
  print: { usage: 'print(value)', parameters: ['any'] },
  exit: { usage: 'exit()', parameters: [] },
};

/** What `@count(sizes[port])` and its like give. */
export const statistics: Readonly<Record<Statistic, ValueType>> = {
  count: 'int',
  sum: 'float',
  avg: 'float',
  min: 'float',
  max: 'float',
  hist: 'string',
  lhist: 'string',
};
