import { isExactPattern } from '@extension-events/core';
import { type CodedError, describeBriefly } from './errors.ts';

/** Event types that a catchpoint does not stop for, and why; by name. */
export type CatchFailures = ReadonlyMap<string, CodedError>;

interface Group {
  readonly events: string[];
  error: CodedError;
}

/** For the table of catchpoints: one line for all that fail alike, but for their names. */
export function describeFailures(pattern: string, failures: CatchFailures): string[] {
  return groupFailures(failures).map(({ error, events }) => {
    const what = isExactPattern(pattern) ? 'not armed' : `not for ${events.join(', ')}`;
    return `${what}: ${describeBriefly({ code: error.code, message: error.message, hint: '' })}`;
  });
}

/** The same as it is told when it happens, with what to do about it. */
export function tellFailures(title: string, pattern: string, failures: CatchFailures): string[] {
  return groupFailures(failures).map(({ error, events }) => {
    const what = isExactPattern(pattern)
      ? 'is not armed'
      : `does not stop for ${events.join(', ')}`;
    return `${title} ${what}: ${describeBriefly(error)}`;
  });
}

function groupFailures(failures: CatchFailures): Group[] {
  const groups = new Map<string, Group>();
  for (const [event, error] of failures) {
    const key = `${error.code} ${error.message.replaceAll(event, '')}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { events: [event], error });
    else {
      group.events.push(event);
      if (error.hint.startsWith('did you mean') && !group.error.hint.startsWith('did you mean')) group.error = error; // prettier-ignore
    }
  }
  return [...groups.values()];
}
