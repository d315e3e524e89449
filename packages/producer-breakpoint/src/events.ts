import type { EventTypeDescriptor, Fields, RequestParameters } from '@extension-events/core';

/** Posted when a thread passes a place in the code. */
export const breakpointHit = 'breakpoint.hit';
/** Posted for single steps of a thread. */
export const step = 'step';
/** Posted for steps from one taken branch to the next. */
export const stepBlock = 'step.block';
/** Posted when the CPU's buffer of branches is full. */
export const branchBufferFull = 'branch-buffer.full';

/** Id of this producer, as event types name it. */
export const producerId = 'breakpoint';

const machine = {
  symbol: { type: 'string', optional: true, description: 'Native symbol there.' },
  module: { type: 'string', optional: true, description: 'File that is loaded there.' },
} as const satisfies Fields;

const source = {
  function: {
    type: 'string',
    optional: true,
    description: 'Name of the function; (anonymous) when it has none.',
  },
  url: {
    type: 'string',
    optional: true,
    description: 'Where it was written: a path, else an url such as node:fs.',
  },
  line: { type: 'u32', optional: true, description: 'Line as written, from 1.' },
} as const satisfies Fields;

const script = {
  scriptId: { detail: true, type: 'string', optional: true, description: 'Script in the inspector.' }, // prettier-ignore
  scriptUrl: { detail: true, type: 'string', optional: true, description: 'The script that V8 runs.' }, // prettier-ignore
  scriptLine: { detail: true, type: 'u32', optional: true, description: 'The line in that script, from 1.' }, // prettier-ignore
  scriptColumn: { detail: true, type: 'u32', optional: true, description: 'The column in that script, from 1.' }, // prettier-ignore
  functionLine: { detail: true, type: 'u32', optional: true, description: 'Line in that script where the function starts, from 1.' }, // prettier-ignore
} as const satisfies Fields;

const hitFields = {
  location: { type: 'string', description: 'The place as it was asked for.' },
  ...source,
  column: { type: 'u32', optional: true, description: 'Column on that line, from 1.' },
  hits: {
    type: 'u32',
    unit: '{hit}',
    description: 'Passes of this thread so far, this one included.',
  },
  values: {
    type: 'string',
    optional: true,
    description: 'Captures: a JSON object of name and printed value.',
  },
  pc: { type: 'u64', base: 16, optional: true, description: 'Program counter; of native threads.' },
  ...machine,
  note: { type: 'string', optional: true, description: 'What a reader should know of this hit.' },
  method: {
    detail: true,
    type: 'string',
    description: 'What watches the place: condition, uprobe or hardware.',
  },
  ...script,
  stack: { type: 'stack', optional: true, description: 'The stack, innermost first.' },
} as const satisfies Fields;

const hitRequest = {
  location: {
    type: 'string',
    description: 'file.ts:12, file.ts:12:5, a function, a symbol, module:symbol or *0x401136.',
  },
  captures: {
    type: 'string',
    optional: true,
    description:
      'Names to read there, separated by commas: order.id, items.length; of native threads registers.',
  },
  stackDepth: {
    type: 'u32',
    unit: '{frame}',
    default: 16,
    min: 0,
    max: 64,
    description: 'Frames of each stack; 0: none.',
  },
  method: {
    type: 'string',
    default: 'auto',
    oneOf: ['auto', 'uprobe', 'hardware'],
    description: 'How native code is watched.',
  },
  maxHitsPerSecond: {
    type: 'u32',
    unit: 'Hz',
    default: 1000,
    min: 1,
    max: 1_000_000,
    description: 'JavaScript: a place that is passed more often rests until the second is over.',
  },
} as const satisfies RequestParameters;

export const breakpointHitDescriptor: EventTypeDescriptor = {
  name: breakpointHit,
  kind: 'requested',
  description: 'A thread passed a place in the code; it was not stopped.',
  producer: producerId,
  fields: hitFields,
  request: hitRequest,
};

const stepFields = {
  pc: { type: 'u64', base: 16, description: 'The instruction that comes next.' },
  ...machine,
  ...source,
  count: { type: 'u32', unit: '{step}', description: 'Steps so far, this one included.' },
  note: { type: 'string', optional: true, description: 'Why the steps ended here.' },
} as const satisfies Fields;

const stepRequest = {
  count: {
    type: 'u32',
    unit: '{step}',
    default: 1000,
    min: 1,
    max: 100_000,
    description: 'Steps until the thread runs on.',
  },
  everyN: {
    type: 'u32',
    unit: '{step}',
    default: 1,
    min: 1,
    max: 100_000,
    description: 'Posts each N-th step.',
  },
  maxMs: {
    type: 'f64',
    unit: 'ms',
    default: 500,
    min: 1,
    max: 10_000,
    description: 'The thread runs on after this long, however many steps it made.',
  },
} as const satisfies RequestParameters;

export const stepDescriptor: EventTypeDescriptor = {
  name: step,
  kind: 'requested',
  description: 'A native thread executed one instruction.',
  producer: producerId,
  fields: stepFields,
  request: stepRequest,
};

export const stepBlockDescriptor: EventTypeDescriptor = {
  name: stepBlock,
  kind: 'requested',
  description: 'A native thread executed the instructions up to a taken branch.',
  producer: producerId,
  fields: stepFields,
  request: stepRequest,
};

export const branchBufferFullDescriptor: EventTypeDescriptor = {
  name: branchBufferFull,
  kind: 'requested',
  description: "The CPU's buffer of taken branches was full.",
  producer: producerId,
  fields: {
    buffer: { type: 'string', description: 'Which: bts, pt or lbr.' },
    count: { type: 'u32', unit: '{branch}', description: 'Branches that it held.' },
    pc: { type: 'u64', base: 16, description: 'Where the thread was.' },
    ...machine,
  },
  request: {
    buffer: {
      type: 'string',
      default: 'auto',
      oneOf: ['auto', 'bts', 'pt', 'lbr'],
      description: 'Which buffer.',
    },
  },
};

/** Everything this producer may post. */
export const breakpointDescriptors: readonly EventTypeDescriptor[] = [
  breakpointHitDescriptor,
  stepDescriptor,
  stepBlockDescriptor,
  branchBufferFullDescriptor,
];
