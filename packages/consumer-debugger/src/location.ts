import { debuggerError } from './errors.ts';

/** Where the user wants to be, before it was looked up. Lines count from 1. */
export type Location =
  | { readonly kind: 'here' }
  | { readonly kind: 'line'; readonly line: number; readonly column?: number }
  | {
      readonly kind: 'file-line';
      readonly file: string;
      readonly line: number;
      readonly column?: number;
    }
  | { readonly kind: 'function'; readonly name: string; readonly file?: string }
  /** An address of native code, as an expression. */
  | { readonly kind: 'address'; readonly expression: string };

const functionName = /^[\p{ID_Start}$_#][\p{ID_Continue}$.#]*$/u;

/**
 * Reads `31`, `keys.ts:31`, `keys.ts:31:18`, `normalizeKey`, `Service.run`, `Service::run`,
 * `keys.ts:normalizeKey`, `*0x4011d6`;
 * nothing means here.
 *
 * @throws ExtensionEventError `EE_COMMAND_ARGUMENT`
 */
export function parseLocation(text: string): Location {
  const location = text.trim().replace(/^(["'])(.*)\1$/s, '$2');
  if (location === '') return { kind: 'here' };
  if (location.startsWith('*') && location.length > 1) {
    return { kind: 'address', expression: location.slice(1).trim() };
  }
  // A name made of digits only is a line: 31:7 is line 31, column 7.
  const place = /^(?:((?=.*[^\d:]).+?):)?(\d{1,9})(?::(\d{1,9}))?$/s.exec(location);
  if (place !== null) {
    const line = Number(place[2]);
    if (line < 1) throw notALocation(location);
    const column = place[3] === undefined ? {} : { column: Math.max(1, Number(place[3])) };
    const file = place[1];
    return file === undefined
      ? { kind: 'line', line, ...column }
      : { kind: 'file-line', file, line, ...column };
  }
  // C++ and Rust: Service::run.
  if (/^~?\w+(?:::~?\w+)+$/.test(location)) return { kind: 'function', name: location };
  if (functionName.test(location)) return { kind: 'function', name: location };
  const colon = location.lastIndexOf(':');
  const name = location.slice(colon + 1);
  if (colon > 0 && functionName.test(name)) {
    return { kind: 'function', name, file: location.slice(0, colon) };
  }
  throw notALocation(location);
}

function notALocation(text: string): Error {
  return debuggerError(
    'EE_COMMAND_ARGUMENT',
    `${JSON.stringify(text)} is not a place.`,
    'Write a line (31), a file and line (keys.ts:31), or a function (normalizeKey, Service.run).',
  );
}
