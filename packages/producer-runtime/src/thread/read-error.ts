import { types } from 'node:util';
import { parseStackText } from '@extension-events/platform-v8';
import type { FailurePayload } from '../types.ts';

const maxCharacters = 1000;
const maxStackLines = 33;
const { isNativeError, isProxy } = types;
const { getOwnPropertyDescriptor, getPrototypeOf } = Object;
// Since V8 13 the stack of an error is an accessor; this one, and no other, is V8's own.
// oxlint-disable-next-line typescript/unbound-method -- only its identity is used
const stackGetter = getOwnPropertyDescriptor(new Error('sample'), 'stack')?.get;

/**
 * What can be told of a thrown value without running code of the program: no getters, no traps, no
 * `toString`. Only the text of the stack may call the program's `Error.prepareStackTrace`, once for
 * each error, as the first reader always does.
 */
export function readFailure(thrown: unknown): FailurePayload {
  const { name, message, code } = describe(thrown);
  const stack = isNative(thrown) ? readStack(thrown) : undefined;
  const top = parseStackText(stack ?? '').find(({ url }) => url !== '' && !url.startsWith('node:'));
  return {
    name,
    message: cut(message),
    ...(code === undefined ? {} : { code }),
    ...(top === undefined ? {} : { function: top.functionName || '(anonymous)', url: pathOf(top.url), line: top.line, column: top.column }), // prettier-ignore
    ...(stack === undefined || stack === '' ? {} : { stack }),
  };
}

function describe(thrown: unknown): { name: string; message: string; code?: string } {
  if (typeof thrown === 'string') return { name: 'string', message: thrown };
  if (typeof thrown === 'function') return { name: 'function', message: '' };
  if (typeof thrown !== 'object' || thrown === null) return { name: thrown === null ? 'null' : typeof thrown, message: String(thrown) }; // prettier-ignore
  if (isProxy(thrown)) return { name: 'Proxy', message: '' };
  const code = readData(thrown, 'code');
  const message = readData(thrown, 'message');
  return {
    name: classOf(thrown),
    message: typeof message === 'string' ? message : '',
    ...(typeof code === 'string' || typeof code === 'number' ? { code: cut(String(code)) } : {}),
  };
}

// The own name goes before that of the class: Node's and many libraries' errors set it.
function classOf(thrown: object): string {
  const name = readData(thrown, 'name');
  const maker = readData(thrown, 'constructor');
  const made = typeof maker === 'function' && !isProxy(maker) ? readData(maker, 'name') : undefined;
  const isSaid = typeof name === 'string' && name !== '' && name !== 'Error';
  if (isSaid) return cut(name);
  return typeof made === 'string' && made !== '' ? cut(made) : 'Object';
}

/** A plain property of the object or its prototypes; `undefined` where code would have to run. */
function readData(object: object, key: string): unknown {
  let at: object | null = object;
  for (let depth = 0; at !== null && depth < 16; depth++) {
    if (isProxy(at)) return undefined;
    const property = getOwnPropertyDescriptor(at, key);
    if (property !== undefined) return property.value as unknown;
    at = getPrototypeOf(at) as object | null;
  }
  return undefined;
}

function isNative(thrown: unknown): thrown is Error {
  return !isProxy(thrown) && isNativeError(thrown);
}

function readStack(error: Error): string | undefined {
  try {
    const property = getOwnPropertyDescriptor(error, 'stack');
    const isPlain = property !== undefined && (property.get === undefined || property.get === stackGetter); // prettier-ignore
    const text: unknown = isPlain ? error.stack : undefined;
    if (typeof text !== 'string') return undefined;
    // The message may have several lines; frames start with `at`.
    const lines = text.split('\n').filter((line) => /^\s+at /.test(line));
    return lines.slice(0, maxStackLines).map((line) => line.trim().slice(3)).join('\n'); // prettier-ignore
  } catch {
    return undefined; // the program's prepareStackTrace threw
  }
}

function pathOf(url: string): string {
  if (!url.startsWith('file://')) return url;
  try {
    return decodeURIComponent(url.slice('file://'.length));
  } catch {
    return url;
  }
}

function cut(text: string): string {
  return text.length <= maxCharacters ? text : `${text.slice(0, maxCharacters)}…`;
}
