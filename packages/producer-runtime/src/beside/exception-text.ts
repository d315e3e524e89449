import { parseStackText } from '@extension-events/platform-v8';
import type { FailurePayload } from '../types.ts';

/** A thrown value as the inspector describes it. */
export interface ThrownObject {
  readonly type?: string;
  readonly className?: string;
  readonly description?: string;
  /** Of primitive values. */
  readonly value?: string | number | boolean | null;
}

const maxCharacters = 1000;

/** Name and message of what was thrown, without asking the program for anything. */
export function describeThrown({ type = 'undefined', className, description, value }: ThrownObject): Pick<FailurePayload, 'name' | 'message'> {
  if (className === undefined) return { name: value === null ? 'null' : type, message: cut(String(value ?? description ?? '')) };
  // An error is described by its stack: the name, the message, the frames.
  const text = description ?? '';
  const frames = text.search(/\n\s+at /);
  const head = frames === -1 ? text : text.slice(0, frames);
  const isError = frames !== -1 || parseStackText(text).length > 0;
  if (!isError && !/Error\b/.test(className)) return { name: className, message: '' };
  const [, name = className, message = ''] = /^([^\s:]+)(?: \[[^\]]*\])?(?:: ([^]*))?$/.exec(head) ?? [undefined, className, head];
  return { name, message: cut(message) };
} // prettier-ignore

function cut(text: string): string {
  return text.length <= maxCharacters ? text : `${text.slice(0, maxCharacters)}…`;
}
