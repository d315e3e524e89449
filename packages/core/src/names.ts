import { ExtensionEventError } from './errors.ts';

// Own names are dot-separated kebab-case; bridged names carry a scheme and the foreign name unchanged.
const own = /^[a-z][a-z0-9]*(-[a-z0-9]+)*(\.[a-z][a-z0-9]*(-[a-z0-9]+)*)*$/;
const bridged = /^[a-z][a-z0-9-]*:[!-~]+$/;
const maxLength = 200;

/** Is this a valid event name? */
export function isEventName(name: string): boolean {
  return typeof name === 'string' && name.length <= maxLength && (own.test(name) || bridged.test(name)); // prettier-ignore
}

/** @throws ExtensionEventError `EE_NAME` */
export function checkEventName(name: string): void {
  if (isEventName(name)) return;
  throw new ExtensionEventError(
    'EE_NAME',
    `${JSON.stringify(name) ?? typeof name} is not an event name.`,
    'Write dot-separated kebab-case such as net.send or hot-spot (at most 200 characters); a bridged name is scheme:foreign-name.',
  );
}

/**
 * Compiles a pattern to a test. `*` matches within one dot-separated part, `**` matches across
 * parts, `?` one character; everything else stands for itself.
 *
 * The test takes time in proportion to the length of pattern and name, whatever the pattern.
 *
 * @throws ExtensionEventError `EE_PATTERN` when no event name could match it
 */
export function compilePattern(pattern: string): (name: string) => boolean {
  if (typeof pattern !== 'string' || pattern.length > maxLength || !isPattern(pattern)) {
    throw new ExtensionEventError(
      'EE_PATTERN',
      `${JSON.stringify(pattern) ?? typeof pattern} is not an event pattern.`,
      'Write a name such as net.send, or use * within a part and ** across parts: net.*, **.error.',
    );
  }
  if (isExactPattern(pattern)) return (name) => name === pattern;
  const steps = pattern.match(/\*\*+|[^]/g) ?? [];
  return (name) => matchSteps(steps, name);
}

// Names with wildcards in them; what no name can ever match is a typing error.
function isPattern(pattern: string): boolean {
  if (/^[a-z*?][a-z0-9*?-]*:[!-~]+$/.test(pattern)) return true;
  return pattern.split('.').every((part) => /^[a-z0-9*?-]+$/.test(part));
}

// A regular expression of many stars takes exponential time on a name that almost matches, and the
// pattern comes from another process: all ways through the pattern are followed side by side.
function matchSteps(steps: readonly string[], name: string): boolean {
  let reached = skipStars(steps, [true]);
  for (const character of name) {
    const next: boolean[] = [];
    for (const [i, step] of steps.entries()) {
      if (reached[i] !== true) continue;
      if (step.startsWith('**') || (step === '*' && character !== '.')) next[i] = true;
      else if (step === character || (step === '?' && character !== '.')) next[i + 1] = true;
    }
    reached = skipStars(steps, next);
  }
  return reached[steps.length] === true;
}

// A star may match nothing.
function skipStars(steps: readonly string[], reached: boolean[]): boolean[] {
  for (const [i, step] of steps.entries()) {
    if (reached[i] === true && step.startsWith('*')) reached[i + 1] = true;
  }
  return reached;
}

/** Does the pattern name one event, so that it can be looked up instead of matched? */
export function isExactPattern(pattern: string): boolean {
  return !/[*?]/.test(pattern);
}
