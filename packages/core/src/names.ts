import { ExtensionEventError } from './errors.ts';

// Own names are dot-separated kebab-case; bridged names carry a scheme and the foreign name unchanged.
const own = /^[a-z][a-z0-9]*(-[a-z0-9]+)*(\.[a-z][a-z0-9]*(-[a-z0-9]+)*)*$/;
const bridged = /^[a-z][a-z0-9-]*:[!-~]+$/;
const maxLength = 200;

/** Is this a valid event name? */
export function isEventName(name: string): boolean {
  return name.length <= maxLength && (own.test(name) || bridged.test(name));
}

/** @throws ExtensionEventError `EE_NAME` */
export function checkEventName(name: string): void {
  if (isEventName(name)) return;
  throw new ExtensionEventError(
    'EE_NAME',
    `${JSON.stringify(name)} is not an event name.`,
    'Write dot-separated kebab-case such as net.send or hot-spot (at most 200 characters); a bridged name is scheme:foreign-name.',
  );
}

/**
 * Compiles a pattern to a test. `*` matches within one dot-separated part, `**` matches across
 * parts, `?` one character; everything else stands for itself.
 *
 * @throws ExtensionEventError `EE_PATTERN` when it is empty, longer than 200 characters, or has blanks
 */
export function compilePattern(pattern: string): (name: string) => boolean {
  if (pattern.length > maxLength || !/^[!-~]+$/.test(pattern)) {
    throw new ExtensionEventError(
      'EE_PATTERN',
      `${JSON.stringify(pattern)} is not an event pattern.`,
      'Write a name such as net.send, or use * within a part and ** across parts: net.*, **.error.',
    );
  }
  if (!/[*?]/.test(pattern)) return (name) => name === pattern;
  const source = pattern
    .replaceAll(/[\\^$+.()|[\]{}]/g, String.raw`\$&`)
    .replaceAll(/\*+|\?/g, (w) => (w === '?' ? '[^.]' : w === '*' ? '[^.]*' : '.*'));
  const expression = new RegExp(`^${source}$`);
  return (name) => expression.test(name);
}

/** Does the pattern name one event, so that it can be looked up instead of matched? */
export function isExactPattern(pattern: string): boolean {
  return !/[*?]/.test(pattern);
}
