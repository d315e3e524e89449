/** The two events that all scripts share; their fields are a promise, consumers read them by name. */
import type { EventType, Registry } from '@extension-events/core';

const outputFields = {
  run: { type: 'string', description: 'which start of which script' },
  text: { type: 'string', description: 'what was printed' },
} as const;

const stoppedFields = {
  run: { type: 'string', description: 'which start of which script' },
  name: { type: 'string', description: 'what the script is called' },
  code: { type: 'string', description: 'of the error that ended it' },
  reason: { type: 'string', description: 'the error in words' },
} as const;

export type OutputType = EventType<typeof outputFields>;
export type StoppedType = EventType<typeof stoppedFields>;

/** `printf` and `print` of probes. */
export function registerOutput(registry: Registry, displaced: () => void): OutputType {
  return registry.registerEventType({
    name: 'script.output',
    description: 'A probe of a script printed something.',
    stability: 'stable',
    producer: 'script',
    fields: outputFields,
    displaced,
  });
}

/** A script that ended against its will. */
export function registerStopped(registry: Registry, displaced: () => void): StoppedType {
  return registry.registerEventType({
    name: 'script.stopped',
    description: 'A script ended against its will, for example since it went over its budget.',
    stability: 'stable',
    producer: 'script',
    fields: stoppedFields,
    displaced,
  });
}
