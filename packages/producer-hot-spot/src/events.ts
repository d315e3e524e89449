import type { EventTypeDescriptor, Fields, RequestParameters } from '@extension-events/core';

/** Posted when samples of a thread gather on one function or line. */
export const hotSpot = 'hot-spot';
/** Posted now and then while nothing gathers enough: the hottest so far. */
export const hotSpotCandidate = 'hot-spot.candidate';
/** Posted for each sample, for flame graphs. */
export const hotSpotSample = 'hot-spot.sample';

/** Id of this producer, as event types name it. */
export const producerId = 'hot-spot';

/**
 * Samples of a busy thread per second when a listener does not say. V8 stops the thread for each and
 * walks its stack; the kernel's timer costs a hundredth of that. Odd: no program beats in that time.
 */
export const usualFrequencyHz = { v8: 200, perf: 997 } as const;

const location = {
  source: { detail: true, type: 'string', description: 'Who sampled: v8 or perf.' },
  function: { type: 'string', description: 'Name of the function; (anonymous) when it has none.' },
  url: {
    type: 'string',
    description: 'Where it was written: a path, else an url such as node:fs.',
  },
  line: { type: 'u32', description: 'Hottest line as written, from 1; 0 when not known.' },
  column: { type: 'u32', optional: true, description: 'Column on that line, from 1.' },
  native: {
    type: 'string',
    optional: true,
    description:
      'Built-in or native function called there that takes the time, such as JSON.parse.',
  },
} as const satisfies Fields;

// Of V8 samples only.
const generated = {
  scriptId: {
    detail: true,
    optional: true,
    type: 'string',
    description: 'Script in the inspector; empty when not known.',
  },
  scriptUrl: {
    detail: true,
    optional: true,
    type: 'string',
    description: 'The script that V8 runs.',
  },
  scriptLine: {
    detail: true,
    optional: true,
    type: 'u32',
    description: 'The line in that script, from 1, for breakpoints.',
  },
  scriptColumn: {
    detail: true,
    optional: true,
    type: 'u32',
    description: 'The column in that script, from 1.',
  },
  functionLine: {
    detail: true,
    optional: true,
    type: 'u32',
    description: 'Line in that script where the function starts, from 1.',
  },
  functionColumn: {
    detail: true,
    optional: true,
    type: 'u32',
    description: 'Column where the function starts, from 1.',
  },
} as const satisfies Fields;

// Of perf samples only.
const machine = {
  symbol: { type: 'string', optional: true, description: 'Symbol of the machine code.' },
  module: {
    type: 'string',
    optional: true,
    description: 'Loaded file, or [jit], [kernel], [vdso].',
  },
  offset: {
    type: 'f64',
    unit: 'By',
    optional: true,
    description: 'Offset in the symbol; in the module where there is no symbol.',
  },
  pc: { type: 'u64', base: 16, optional: true, description: 'Hottest instruction address.' },
  pid: {
    type: 'u32',
    optional: true,
    description: 'Process of the thread, when the whole system is watched.',
  },
} as const satisfies Fields;

const evidence = {
  hits: { type: 'u32', unit: '{sample}', description: 'Samples there within the window.' },
  samples: {
    type: 'u32',
    unit: '{sample}',
    description: 'Busy samples of the thread, or of the scope, in the window.',
  },
  share: { type: 'f64', unit: '1', description: 'hits / samples.' },
  windowMs: { type: 'f64', unit: 'ms', description: 'Length of the sliding window.' },
  confirmed: {
    type: 'bool',
    description: 'V8: interrupts of the thread found it there too; perf: the address is exact.',
  },
  note: {
    type: 'string',
    optional: true,
    description: 'What a reader should know, such as inlined callee.',
  },
  stack: { type: 'stack', description: 'A stack of that place, innermost first.' },
} as const satisfies Fields;

const scope = {
  type: 'string',
  default: 'thread',
  oneOf: ['thread', 'process', 'system'],
  description:
    'Whose samples are counted together. With process and system perf samples JavaScript threads too.',
} as const;

const sampling = {
  frequencyHz: {
    type: 'f64',
    unit: 'Hz',
    optional: true,
    min: 1,
    max: 5000,
    description: 'Samples of each busy thread per second; 200 by V8, 997 by perf when left out.',
  },
  windowMs: {
    type: 'f64',
    unit: 'ms',
    default: 2000,
    min: 100,
    max: 60_000,
    description: 'Length of the sliding window.',
  },
  by: {
    type: 'string',
    default: 'function',
    oneOf: ['function', 'line', 'pc'],
    description: 'What is counted together; single instructions (pc) by perf alone.',
  },
  scope,
} as const satisfies RequestParameters;

const share = {
  type: 'f64',
  unit: '1',
  default: 0.1,
  min: 0.001,
  max: 1,
  description: 'Part of the samples of a busy window that makes a place hot.',
} as const;

export const hotSpotDescriptor: EventTypeDescriptor = {
  name: hotSpot,
  kind: 'requested',
  description: 'Samples of a thread gathered on one function, line or instruction.',
  producer: producerId,
  fields: { ...location, ...generated, ...machine, ...evidence },
  request: {
    ...sampling,
    share,
    hits: {
      type: 'u32',
      unit: '{sample}',
      optional: true,
      min: 1,
      max: 1_000_000,
      description: 'Samples in the window that make a place hot; instead of share.',
    },
    cooldownMs: {
      type: 'f64',
      unit: 'ms',
      default: 10_000,
      min: 0,
      max: 3_600_000,
      description: 'Rest after a post, for each place.',
    },
  },
};

export const hotSpotCandidateDescriptor: EventTypeDescriptor = {
  name: hotSpotCandidate,
  kind: 'requested',
  description: 'Nothing was hot for a while; this is the hottest so far.',
  producer: producerId,
  fields: { ...location, ...generated, ...machine, ...evidence },
  request: {
    ...sampling,
    // Longer than that of hot-spot: among many places of a few per cent, chance is larger than the difference.
    windowMs: { ...sampling.windowMs, default: 10_000 },
    share,
    everyMs: {
      type: 'f64',
      unit: 'ms',
      default: 5000,
      min: 500,
      max: 3_600_000,
      description: 'Least time between two posts of one thread.',
    },
  },
};

export const hotSpotSampleDescriptor: EventTypeDescriptor = {
  name: hotSpotSample,
  kind: 'requested',
  description: 'One sample of a busy thread.',
  producer: producerId,
  fields: {
    ...location,
    ...machine,
    stack: {
      type: 'stack',
      description: 'The stack, innermost first; V8 has callers at the start of their function.',
    },
  },
  request: {
    frequencyHz: {
      type: 'f64',
      unit: 'Hz',
      default: 50,
      min: 1,
      max: 1000,
      description: 'Samples of each busy thread per second.',
    },
    scope,
  },
};

/** Everything this producer may post. */
export const hotSpotDescriptors: readonly EventTypeDescriptor[] = [
  hotSpotDescriptor,
  hotSpotCandidateDescriptor,
  hotSpotSampleDescriptor,
];
