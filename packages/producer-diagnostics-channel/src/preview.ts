/** A message as JSON text: always valid, short, and made without running any of the program's code. */
import { classNameOf, dataOf, inheritedDataOf, isError, isObject, isPlain, keysOf, labelOf, lengthOfList, textOf } from './own-data.ts'; // prettier-ignore

const { stringify } = JSON;

/** Most characters of a preview, but for what closes it. */
export const maxCharacters = 2000;
const maxText = 200;
const maxKeys = 24;
const maxItems = 8;
const maxDepth = 3;
// An instance of a class is looked into where the message names it, not further down: what hangs
// together by sockets and servers is the whole program.
const maxClassDepth = 1;
// Longer strings may be ropes, whose pieces would be put together for the first few characters.
const maxTextTouched = 1_000_000;

interface Budget {
  left: number;
}

/** The preview of a message. */
export function previewOf(message: unknown): string {
  return write(message, 0, { left: maxCharacters });
}

/** Text as it is shown: cut where it is too long. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  return text.length > maxTextTouched ? `[${text.length} characters]` : `${text.slice(0, most)}…`;
}

function write(value: unknown, depth: number, budget: Budget): string {
  const text = isObject(value) ? writeObject(value, depth, budget) : writeScalar(value);
  budget.left -= isObject(value) ? 2 : text.length;
  return text;
}

function writeScalar(value: unknown): string {
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- objects are written elsewhere
  switch (typeof value) {
    case 'string':
      return stringify(shorten(value, maxText));
    case 'number':
      return value - value === 0 ? `${value}` : `"${value}"`; // NaN and infinities are no JSON
    case 'boolean':
      return value ? 'true' : 'false';
    case 'bigint':
      return value < 2n ** 256n && value > -(2n ** 256n) ? `"${value}"` : '"[bigint]"';
    case 'symbol':
      return stringify(shorten(String(value), maxText));
    default:
      return 'null';
  }
}

function writeObject(object: object, depth: number, budget: Budget): string {
  const length = lengthOfList(object);
  const text = textOf(object);
  if (text !== undefined) return stringify(text);
  if (isError(object)) return stringify(shorten(errorText(object), maxText));
  const limit = length !== undefined || isPlain(object) ? maxDepth : maxClassDepth;
  if (depth > limit || budget.left <= 0 || typeof object === 'function')
    return stringify(labelOf(object));
  return length === undefined
    ? writeKeys(object, depth, budget)
    : writeItems(object, length, depth, budget);
}

function writeItems(list: object, length: number, depth: number, budget: Budget): string {
  let text = '';
  let written = 0;
  for (; written < length && written < maxItems && budget.left > 0; written++) {
    text += (written === 0 ? '' : ',') + write(dataOf(list, `${written}`), depth + 1, budget);
  }
  return `[${text}${written < length ? `,"… ${length - written} more"` : ''}]`;
}

function writeKeys(object: object, depth: number, budget: Budget): string {
  const keys = keysOf(object);
  const isClass = !isPlain(object);
  if (keys.length === 0 && isClass) return stringify(labelOf(object));
  let text = '';
  let written = 0;
  let at = 0;
  for (; at < keys.length && written < maxKeys && budget.left > 0; at++) {
    const key = keys[at] ?? '';
    // What a class calls private it seldom means to be read.
    if (isClass && (key.charAt(0) === '_' || isMethod(object, key))) continue;
    const value = dataOf(object, key);
    if (value === undefined) continue;
    const name = stringify(shorten(key, maxText));
    budget.left -= name.length + 2;
    text += `${written++ === 0 ? '' : ','}${name}:${write(value, depth + 1, budget)}`;
  }
  const rest = keys.length - at;
  return rest === 0 ? `{${text}}` : `{${text}${written === 0 ? '' : ','}"…":"${rest} more"}`;
}

function isMethod(object: object, key: string): boolean {
  return typeof dataOf(object, key) === 'function';
}

/** `TypeError: message`, as `String(error)` would say it if nobody interfered. */
export function errorText(error: object): string {
  const name = inheritedDataOf(error, 'name');
  const message = inheritedDataOf(error, 'message');
  const title = typeof name === 'string' ? name : classNameOf(error);
  return typeof message === 'string' && message !== '' ? `${title}: ${message}` : title;
}
