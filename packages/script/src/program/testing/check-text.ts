import type { EventTypeDescriptor } from '@extension-events/core';
import { checkProgram } from '../check.ts';
import type { CheckOptions } from '../check.ts';
import type { CheckedProgram } from '../checked.ts';
import type { Problem } from '../errors.ts';
import { parseProgram } from '../parser.ts';
import type { SourceFile } from '../wire.ts';
import { catalogueOf, requestedDescriptor, sampleDescriptor } from './events.ts';

/** Parses and checks; problems of the grammar keep the rest from being looked at. */
export function checkText(
  text: string | readonly SourceFile[],
  options: CheckOptions = {},
  more: readonly EventTypeDescriptor[] = [],
): { readonly checked?: CheckedProgram; readonly problems: readonly Problem[] } {
  const parsed = parseProgram(typeof text === 'string' ? [{ name: 'a.ev', text }] : text);
  if (parsed.problems.length > 0) return { problems: parsed.problems };
  const catalogue = catalogueOf([sampleDescriptor, requestedDescriptor, ...more]);
  return checkProgram(parsed.program, catalogue, options);
}

/** `line:column CODE` of each problem. */
export function placesOf(text: string, options: CheckOptions = {}): readonly string[] {
  return checkText(text, options).problems.map(({ line, column, code }) => `${line}:${column} ${code}`); // prettier-ignore
}
