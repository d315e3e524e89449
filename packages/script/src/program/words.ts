/** Words that are neither locals nor globals; a field of such a name is written with `$`. */
const reserved: ReadonlySet<string> = new Set([
  'if', 'else', 'while', 'for', 'foreach', 'in', 'break', 'continue', 'next', 'throw', 'delete',
  'event', 'probe', 'global', 'true', 'false',
]); // prettier-ignore

export function isReserved(name: string): boolean {
  return reserved.has(name);
}

/** Words of the grammar, also those that are names elsewhere. */
export const keywords: readonly string[] = [...reserved, 'await', 'limit'];

/** Points that are no events: the coordinator runs their probes. */
export function isOwnPoint(pattern: string): boolean {
  return pattern === 'begin' || pattern === 'end' || isTimer(pattern);
}

/** What timers are called in other languages of this kind; `timer.late` is an event. */
export function isForeignTimer(pattern: string): boolean {
  return /^(?:interval|profile|tick)(?:[.:-]|$)|^timer\.[a-z]{1,3}$/.test(pattern) && !isTimer(pattern); // prettier-ignore
}

/** For hints. */
export const timerHint = 'timers are timer.s(1) and timer.ms(100).';

export function isTimer(pattern: string): boolean {
  return pattern === 'timer.s' || pattern === 'timer.ms';
}
