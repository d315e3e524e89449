import type { ScriptBudget } from '../program/wire.ts';

/** What a script may cost where events are posted, unless it is said otherwise. */
export const defaultBudget: ScriptBudget = {
  statementsPerHit: 10_000,
  threadShare: 0.25,
  memoryBytes: 8 << 20,
  entriesPerMap: 4096,
  stringLength: 4096,
  nesting: 4,
  outputBytesPerSecond: 1 << 20,
};

/** The coordinator runs in a process of its own: begin, end and timer probes may take their time. */
export const coordinatorBudget: ScriptBudget = {
  ...defaultBudget,
  statementsPerHit: 1_000_000,
  threadShare: Number.POSITIVE_INFINITY,
  memoryBytes: 64 << 20,
  stringLength: 1 << 16,
  outputBytesPerSecond: Number.POSITIVE_INFINITY,
};

/** UTF-16 units of a payload's string that a probe sees. */
export const payloadStringLength = 1024;

/** What some steps cost, in statements; a step that is not here costs nothing beside its statement. */
export const stepCosts = { stack: 100, print: 10 } as const;
