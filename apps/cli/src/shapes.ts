/**
 * The shapes of `--json`, in one place; those of events are the logger's. Each document and each
 * line begins with `"v":1`; a field may be added within a version, none is renamed, removed or given
 * another meaning.
 */
import type { EventTypeDescriptor } from '@extension-events/core';
import type { ProcessEntry } from '@extension-events/session';
import type { Look } from './look.ts';

export { shapeVersion } from '@extension-events/consumer-logger/format';

interface ThreadShape {
  readonly tid: number;
  /** Node's number; `null` for a thread that is seen from outside only. */
  readonly threadId: number | null;
  readonly name: string;
}

/** One process of `ls`. */
export function processShape(entry: ProcessEntry, look: Look | undefined): object {
  const { agent, name, pid, runtime } = entry;
  return { pid, name, runtime, agent, threads: threadShapes(entry, look) };
}

/**
 * The threads of a process. An agent knows the JavaScript threads and their numbers; from outside
 * all threads of the process are seen, Node's helpers too, and only the main thread's number is known.
 */
export function threadShapes(
  { pid, threads }: Pick<ProcessEntry, 'pid' | 'threads'>,
  look: Look | undefined,
): ThreadShape[] {
  if (look === undefined)
    return threads.map(({ name, tid }) => ({ tid, threadId: tid === pid ? 0 : null, name }));
  const known = look.threads.map(({ name, threadId, tid }) => ({ tid, threadId, name }));
  // A main thread inside a blocking call has not told its agent anything yet.
  if (known.some((thread) => thread.threadId === 0)) return known;
  return [{ tid: pid, threadId: 0, name: 'main' }, ...known];
}

/** One event type of `events`. */
export function typeShape(descriptor: EventTypeDescriptor, listeners: number): object {
  const { description, fields, kind, name, producer } = descriptor;
  return {
    name,
    kind,
    producer: producer ?? null,
    description,
    fields: Object.entries(fields).map(([field, { type, unit }]) => ({
      name: field,
      type,
      unit: unit ?? null,
    })),
    listeners,
  };
}
