import { ExtensionEventError } from '@extension-events/core';

/** What a location may mean, as its text shows. */
export type Location =
  /** `file.ts:12` or `file.ts:12:5`. */
  | {
      readonly kind: 'line';
      readonly file: string;
      readonly line: number;
      readonly column?: number;
    }
  /** `handleOrder`, `Service.run`: a function of either world. */
  | { readonly kind: 'name'; readonly name: string }
  /** `*0x401136`, `libc.so.6:malloc`, `ns::run(int)`, `main+4`: native code only. */
  | { readonly kind: 'native'; readonly text: string };

const maxCharacters = 1024;
const linePattern = /^(.*?[^:]):(\d{1,9})(?::(\d{1,9}))?$/;
const namePattern = /^[\p{ID_Start}$_][\p{ID_Continue}$]*(?:\.[\p{ID_Start}$_][\p{ID_Continue}$]*)*$/u; // prettier-ignore

/**
 * Reads a location.
 *
 * @throws ExtensionEventError `EE_BREAKPOINT_LOCATION`
 */
export function parseLocation(text: string): Location {
  const trimmed = text.trim();
  // oxlint-disable-next-line no-control-regex -- they are what is refused
  if (trimmed === '' || trimmed.length > maxCharacters || /[\u0000-\u001F\u007F]/.test(trimmed))
    throw locationError(text, 'it is empty, too long, or not printable');
  if (namePattern.test(trimmed)) return { kind: 'name', name: trimmed };
  const [, file = '', line, column] = linePattern.exec(trimmed) ?? [];
  if (line === undefined) return { kind: 'native', text: trimmed.replace(/^\*\s*/, '') };
  if (Number(line) === 0 || Number(column ?? 1) === 0)
    throw locationError(text, 'lines and columns count from 1');
  const place = { kind: 'line', file: file.replace(/^(?:\.\/)+/, ''), line: Number(line) } as const;
  return column === undefined ? place : { ...place, column: Number(column) };
}

/** Is this the file that a person means by `app.ts`, `src/app.ts` or its whole path? */
export function isFileNamed(path: string, wanted: string): boolean {
  return path === wanted || (!wanted.startsWith('/') && path.endsWith(`/${wanted}`));
}

/** A location that cannot be served, and why. */
export function locationError(text: string, reason: string, hint?: string): ExtensionEventError {
  return new ExtensionEventError(
    'EE_BREAKPOINT_LOCATION',
    `${JSON.stringify(text)} is no place for a breakpoint: ${reason}.`,
    hint ??
      'Write file.ts:12, file.ts:12:5, a function name, a symbol, module:symbol or *0x401136.',
  );
}
