import { compilePattern, isExactPattern } from '@extension-events/core';
import type { TargetConnection } from '@extension-events/session';
import { say } from './output.ts';

/** Says which of the patterns stand for nothing in a process, so far or for ever. */
export function tellHeard(connection: TargetConnection, patterns: readonly string[]): void {
  if (connection.hello.role === 'host' && patterns.some((pattern) => !pattern.includes(':')))
    tellWhatIsHeard(connection, patterns);
  const known = new Set(connection.eventTypes.map((type) => type.descriptor.name));
  const unknown = patterns.filter((pattern) => isExactPattern(pattern) && !known.has(pattern));
  if (unknown.length > 0)
    say(`nothing has the name ${unknown.join(', ')} yet; it is heard as soon as it is registered`);
}

// Code in a program that is not Node.js cannot post yet; a name of its own would be waited for in vain.
function tellWhatIsHeard({ eventTypes, pid }: TargetConnection, patterns: readonly string[]): void {
  const heard = eventTypes.map((type) => type.descriptor.name);
  const tests = patterns.map((pattern) => compilePattern(pattern));
  if (heard.some((name) => tests.some((matches) => matches(name)))) return;
  say(
    `process ${pid} runs no Node.js: what can be heard there comes from the kernel; extev events ${pid} shows it`,
  );
}
