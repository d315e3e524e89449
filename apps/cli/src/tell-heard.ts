import { compilePattern, type EventTypeDescriptor, isExactPattern } from '@extension-events/core';
import { nearest } from '@extension-events/script/expression';
import type { TargetConnection } from '@extension-events/session';
import { debounceTime, type Subscription, takeUntil } from 'rxjs';
import { say } from './output.ts';

const settleMs = 200;

/** Says which of the patterns stand for nothing in a process, so far or for ever. */
export function tellHeard(connection: TargetConnection, patterns: readonly string[]): void {
  const { eventTypes, hello, pid } = connection;
  const found = patterns.map((pattern) => ({ pattern, ...matching(pattern, eventTypes) }));
  if (hello.role === 'host' && patterns.some((pattern) => !pattern.includes(':'))) {
    // Code in a program that is not Node.js cannot post yet; a name of its own would be waited for in vain.
    if (found.every(({ heard, requested }) => heard.length + requested.length === 0)) {
      say(`process ${pid} runs no Node.js: what can be heard there comes from the kernel; extev events ${pid} shows it`); // prettier-ignore
      return;
    }
  }
  if (describeUnknown(patterns, eventTypes).length === 0) return;
  // A producer that was loaded just now registers what it finds in the next moment.
  const timer = setTimeout(() => {
    for (const line of describeUnknown(patterns, connection.eventTypes)) say(line);
  }, settleMs);
  void connection.ended.then(() => clearTimeout(timer));
}

/**
 * Says of which events no stack comes, though it was asked for: who posts for a program that is not
 * Node.js knows only stacks that the kernel has told of.
 */
export function tellStackless(
  { eventTypes, hello }: Pick<TargetConnection, 'eventTypes' | 'hello'>,
  patterns: readonly string[],
): void {
  if (hello.role !== 'host') return;
  const matches = patterns.map((pattern) => compilePattern(pattern));
  const bare = eventTypes.filter(({ descriptor: { fields, name } }) => fields['stack'] === undefined && matches.some((match) => match(name))); // prettier-ignore
  if (bare.length === 0) return;
  const names = bare.map(({ descriptor }) => descriptor.name).join(', ');
  say(`no stack comes with ${names} in a program that is not Node.js; it does with tracepoint:sock:sock_send_length and the like`); // prettier-ignore
}

/** Says when names that are listened to are registered, and when they go. */
export function tellComings(
  connection: TargetConnection,
  patterns: readonly string[],
): Subscription {
  const exact = patterns.filter((pattern) => isExactPattern(pattern));
  let present = registered(connection.eventTypes);
  // Names go one by one with a process that ends: that it does is said instead.
  return connection.eventTypes$
    .pipe(debounceTime(settleMs), takeUntil(connection.ended))
    .subscribe((types) => {
      const before = present;
      present = registered(types);
      for (const name of exact) {
        if (present.has(name) && !before.has(name)) say(`${name} is registered now`);
        else if (before.has(name) && !present.has(name))
          say(`${name} is gone; it is heard again as soon as it is registered anew`);
      }
    });
}

function registered(types: TargetConnection['eventTypes']): Set<string> {
  const there = types.filter(({ threads }) => threads.length > 0);
  return new Set(there.map(({ descriptor }) => descriptor.name));
}

/** The sentences about patterns that match nothing which is known. */
export function describeUnknown(
  patterns: readonly string[],
  types: TargetConnection['eventTypes'],
): string[] {
  const names = types.map(({ descriptor }) => descriptor.name);
  return patterns.flatMap((pattern) => {
    const { heard, requested } = matching(pattern, types);
    if (heard.length > 0) return [];
    if (isExactPattern(pattern)) {
      if (requested.length > 0) return [];
      const guess = nearest(pattern, names);
      return [`nothing has the name ${pattern} yet; it is heard as soon as it is registered${guess === undefined ? '' : `. Did you mean ${guess}?`}`]; // prettier-ignore
    }
    // What a scheme provides is looked for when it is asked for, and may be about to come.
    if (pattern.includes(':')) return [];
    const [name] = requested;
    if (name === undefined) return [`nothing that is known matches ${pattern} yet; it is heard as soon as it is registered`]; // prettier-ignore
    return [`${pattern} matches only what is heard by its full name, such as ${name}`];
  });
}

/** The known names that a pattern matches: what it hears, and what is heard by its full name only. */
function matching(
  pattern: string,
  types: readonly { readonly descriptor: Pick<EventTypeDescriptor, 'name' | 'kind'> }[],
): { readonly heard: readonly string[]; readonly requested: readonly string[] } {
  const matches = compilePattern(pattern);
  const found = types.map(({ descriptor }) => descriptor).filter(({ name }) => matches(name));
  const namesOf = (isHeard: boolean): string[] =>
    found.filter(({ kind }) => (kind === 'filtered') === isHeard).map(({ name }) => name);
  return { heard: namesOf(true), requested: namesOf(false) };
}
