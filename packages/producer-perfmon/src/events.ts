import { type EventTypeDescriptor, sharedFields } from '@extension-events/core';
import { resourceNames } from './resources.ts';

/** Posted when a counter of a thread crosses a multiple of its period. */
export const perfmonOverflow = 'perfmon.overflow';
/** Posted when a polled resource of the process, or of a thread, passes a limit. */
export const perfmonThreshold = 'perfmon.threshold';

/** Id of this producer, as event types name it. */
export const producerId = 'perfmon';

export const perfmonOverflowDescriptor: EventTypeDescriptor = {
  name: perfmonOverflow,
  kind: 'requested',
  description: "A thread's count of a performance counter crossed a multiple of the period.",
  producer: producerId,
  fields: {
    counter: {
      type: 'string',
      description: 'Name of the counter: task-clock, page-faults, r01c2.',
    },
    count: {
      type: 'f64',
      unit: '1',
      description:
        "The thread's count since it was armed, ns for clocks; scaled when the counter was multiplexed.",
    },
    rawCount: {
      detail: true,
      type: 'f64',
      unit: '1',
      description: 'The count as it was counted, which is what crosses multiples of the period.',
    },
    period: { type: 'f64', unit: '1', description: 'Counts between two posts, ns for clocks.' },
    enabledNs: {
      detail: true,
      type: 'f64',
      unit: 'ns',
      description: 'How long the counter was wanted, in CPU time of the thread.',
    },
    runningNs: { detail: true, type: 'f64', unit: 'ns', description: 'How long it was counted.' },
    isScaled: {
      detail: true,
      type: 'bool',
      description: 'The counter had to share: count = rawCount * enabledNs / runningNs.',
    },
    values: {
      type: 'string',
      optional: true,
      description:
        'The counters of the parameter with, at the same moment: a JSON object of name and count, scaled as count is.',
    },
    rawValues: {
      detail: true,
      type: 'string',
      optional: true,
      description: 'The same as they were counted, when they are scaled.',
    },
    pc: {
      ...sharedFields.pc,
      description: 'Instruction pointer at the interrupt; see the README for how exact it is.',
    },
    symbol: { type: 'string', optional: true, description: 'Function of the pc.' },
    module: {
      type: 'string',
      optional: true,
      description: 'File that is mapped there, or [kernel].',
    },
    stack: sharedFields.stack,
  },
  request: {
    counter: {
      type: 'string',
      default: 'task-clock',
      description: 'Name of the counter as perf list has it, or rNNN for a raw one.',
    },
    period: {
      type: 'f64',
      unit: '1',
      optional: true,
      min: 1,
      max: 1e15,
      description:
        'Counts between two posts, ns for clocks; default: 10 ms of a clock, 1 to 10 million of others by kind.',
    },
    with: {
      type: 'string',
      optional: true,
      description:
        'Other counters to read at each overflow, as page-faults,context-switches: counted together with the first, or not at all.',
    },
    kernel: {
      type: 'bool',
      default: false,
      description: 'Count also what the kernel does for the thread; needs a privilege.',
    },
  },
};

export const perfmonThresholdDescriptor: EventTypeDescriptor = {
  name: perfmonThreshold,
  kind: 'requested',
  description: 'A polled resource passed its limit, having been below it before.',
  producer: producerId,
  fields: {
    resource: { type: 'string', description: 'What was polled.' },
    value: { type: 'f64', unit: '1', description: 'Its value, in the unit that the event names.' },
    limit: { type: 'f64', unit: '1', description: 'The limit that it passed.' },
    unit: { type: 'string', description: 'Unit of value and limit: By, 1, /s.' },
    note: { type: 'string', optional: true, description: 'What a reader should know.' },
  },
  request: {
    resource: { type: 'string', oneOf: resourceNames, description: 'What to poll.' },
    above: {
      type: 'f64',
      unit: '1',
      min: 0,
      description:
        'The limit, in the unit of the resource: bytes, shares of one CPU, a count, or counts per second.',
    },
    everyMs: {
      type: 'f64',
      unit: 'ms',
      default: 1000,
      min: 10,
      max: 3_600_000,
      description: 'Time between two looks.',
    },
  },
};

/** Everything this producer may post. */
export const perfmonDescriptors: readonly EventTypeDescriptor[] = [
  perfmonOverflowDescriptor,
  perfmonThresholdDescriptor,
];
