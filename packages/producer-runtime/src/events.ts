import type { EventTypeDescriptor, Fields, RequestParameters } from '@extension-events/core';

/** Posted while a thread's event loop is blocked. */
export const eventLoopStall = 'event-loop.stall';
/** Posted when a blocked event loop turns again. */
export const eventLoopRecovered = 'event-loop.recovered';
/** Posted for each garbage collection of a thread. */
export const gcPause = 'gc.pause';
/** Posted when the heap of a thread comes near its limit. */
export const heapNearLimit = 'heap.near-limit';
/** Posted for each promise whose rejection nobody handled. */
export const promiseRejected = 'promise.rejected';
/** Posted for exceptions that nobody caught; also for caught ones when asked for. */
export const exceptionThrown = 'exception.thrown';
/** Posted when a worker thread was started. */
export const workerStarted = 'worker.started';
/** Posted when a worker thread has ended. */
export const workerExited = 'worker.exited';
/** Posted for each timer that fires late. */
export const timerLate = 'timer.late';

/** Id of this producer, as event types name it. */
export const producerId = 'runtime';

const place = {
  function: {
    type: 'string',
    optional: true,
    description: 'The innermost function of the program; (anonymous) when it has no name.',
  },
  url: { type: 'string', optional: true, description: 'Where it was written: a path, else an url.' }, // prettier-ignore
  line: { type: 'u32', optional: true, description: 'Line as written, from 1.' },
  column: { type: 'u32', optional: true, description: 'Column on that line, from 1.' },
} as const satisfies Fields;

const native = {
  type: 'string',
  optional: true,
  description: 'Function of V8 or Node called there, such as RegExp.test or Atomics.wait.',
} as const;

// How a debugger knows that it stopped inside that function.
const script = {
  scriptUrl: { detail: true, type: 'string', optional: true, description: 'The script that V8 runs.' }, // prettier-ignore
  functionLine: { detail: true, type: 'u32', optional: true, description: 'Line in that script where the function starts, from 1.' }, // prettier-ignore
} as const satisfies Fields;

const stack = { type: 'stack', optional: true, description: 'The stack, innermost first.' } as const; // prettier-ignore

const stallFields = {
  durationMs: { type: 'f64', unit: 'ms', description: 'Since the loop last turned, without the time in which a debugger held the thread.' }, // prettier-ignore
  state: {
    type: 'string',
    description: 'script: runs JavaScript; native: in a call that answers no interrupt; waiting: asleep for most of it.', // prettier-ignore
  },
  cpuMs: { type: 'f64', unit: 'ms', optional: true, description: 'CPU time of the thread meanwhile.' }, // prettier-ignore
  count: { type: 'u32', unit: '{event}', description: 'How often this stall has been told, this time included.' }, // prettier-ignore
  isAfter: { type: 'bool', optional: true, description: 'The call that blocked was over when the thread answered: the place is what it came to next, in that function or after it.' }, // prettier-ignore
  ...place,
  native,
  ...script,
  stack,
} as const satisfies Fields;

const stallRequest = {
  thresholdMs: {
    type: 'f64',
    unit: 'ms',
    default: 200,
    min: 20,
    max: 3_600_000,
    description: 'The loop is stalled when it has not turned for this long.',
  },
} as const satisfies RequestParameters;

export const eventLoopStallDescriptor: EventTypeDescriptor = {
  name: eventLoopStall,
  kind: 'requested',
  description: 'The event loop of a thread is blocked, now; told again whenever the time has doubled.', // prettier-ignore
  producer: producerId,
  fields: stallFields,
  request: stallRequest,
};

export const eventLoopRecoveredDescriptor: EventTypeDescriptor = {
  name: eventLoopRecovered,
  kind: 'requested',
  description: 'An event loop that was blocked turns again.',
  producer: producerId,
  fields: stallFields,
  request: stallRequest,
};

export const heapNearLimitDescriptor: EventTypeDescriptor = {
  name: heapNearLimit,
  kind: 'requested',
  description: 'The heap of a thread is nearly full; told again whenever half of the room that was left is gone.', // prettier-ignore
  producer: producerId,
  fields: {
    usedBytes: { type: 'f64', unit: 'By', description: 'Used by the old generation, garbage that was not collected yet included.' }, // prettier-ignore
    limitBytes: {
      type: 'f64',
      unit: 'By',
      description: 'What V8 lets the old generation grow to.',
    },
    share: { type: 'f64', unit: '1', description: 'usedBytes / limitBytes.' },
    ...place,
    native,
    ...script,
    stack,
  },
  request: {
    share: {
      type: 'f64',
      unit: '1',
      default: 0.9,
      min: 0.01,
      max: 1,
      description: 'Part of the limit that is near.',
    },
    everyMs: {
      type: 'f64',
      unit: 'ms',
      default: 500,
      min: 20,
      max: 60_000,
      description: 'How often the heap is measured, from beside the thread.',
    },
  },
};

export const gcPauseDescriptor: EventTypeDescriptor = {
  name: gcPause,
  kind: 'requested',
  description: 'Garbage of a thread was collected. Posted when the loop turns, with the time of the pause.', // prettier-ignore
  producer: producerId,
  fields: {
    kind: {
      type: 'string',
      description: 'scavenge, minor-mark-sweep, mark-sweep, incremental or weak-callbacks.',
    },
    durationMs: { type: 'f64', unit: 'ms', description: 'How long it took.' },
    isForced: { type: 'bool', description: 'The program, or a tool, asked for it.' },
    heapUsedBytes: { type: 'f64', unit: 'By', description: 'Used heap when the event was posted.' },
  },
  request: {
    minMs: {
      type: 'f64',
      unit: 'ms',
      default: 0,
      min: 0,
      max: 60_000,
      description: 'Shorter pauses are not told.',
    },
  },
};

const failure = {
  name: { type: 'string', description: 'Class of the error, else the type of the value.' },
  message: { type: 'string', description: 'Its message, else the value; at most 1000 characters.' },
  code: { type: 'string', optional: true, description: 'Its code, such as ECONNRESET.' },
} as const satisfies Fields;

export const promiseRejectedDescriptor: EventTypeDescriptor = {
  name: promiseRejected,
  kind: 'requested',
  description: 'A promise was rejected and nobody handled it.',
  producer: producerId,
  fields: {
    ...failure,
    isListenedFor: { type: 'bool', description: 'The program has an unhandledRejection listener.' },
    ...place,
    stack,
  },
};

export const exceptionThrownDescriptor: EventTypeDescriptor = {
  name: exceptionThrown,
  kind: 'requested',
  description: 'An exception was thrown that nobody caught; with caught, also those that somebody did.', // prettier-ignore
  producer: producerId,
  fields: {
    ...failure,
    isCaught: { type: 'bool', description: 'V8 sees a handler for it.' },
    origin: { type: 'string', description: 'uncaughtException, unhandledRejection or throw.' },
    ...place,
    note: { type: 'string', optional: true, description: 'What a reader should know.' },
    stack,
  },
  request: {
    caught: {
      type: 'bool',
      default: false,
      grant: 'stop',
      description: 'Caught ones too: the thread stands for about a millisecond at each.',
    },
    maxPerSecond: {
      type: 'u32',
      default: 100,
      min: 1,
      max: 10_000,
      description: 'Caught ones of a thread: after so many the rest of the second is left out.',
    },
  },
};

const worker = {
  threadId: { type: 'u32', description: "Node's number of the worker." },
  name: { type: 'string', description: 'Its name, else worker N.' },
  file: { type: 'string', optional: true, description: 'What it runs: a path or an url.' },
} as const satisfies Fields;

export const workerStartedDescriptor: EventTypeDescriptor = {
  name: workerStarted,
  kind: 'requested',
  description: 'A worker thread was started, by whichever thread.',
  producer: producerId,
  fields: worker,
};

export const workerExitedDescriptor: EventTypeDescriptor = {
  name: workerExited,
  kind: 'requested',
  description: 'A worker thread has ended.',
  producer: producerId,
  fields: {
    ...worker,
    exitCode: { type: 'i32', optional: true, description: 'Missing when its parent ended before.' },
    error: { type: 'string', optional: true, description: 'Why Node ended it, such as ERR_WORKER_OUT_OF_MEMORY.' }, // prettier-ignore
    durationMs: { type: 'f64', unit: 'ms', optional: true, description: 'How long it lived; missing when it was there before.' }, // prettier-ignore
  },
};

export const timerLateDescriptor: EventTypeDescriptor = {
  name: timerLate,
  kind: 'requested',
  description: 'A timer fires later than it should: something else had the thread.',
  producer: producerId,
  fields: {
    delayMs: { type: 'f64', unit: 'ms', description: 'What it was set to.' },
    lateMs: { type: 'f64', unit: 'ms', description: 'How much later it fires.' },
    callback: { type: 'string', description: 'Name of its function; (anonymous) when it has none.' }, // prettier-ignore
    isInterval: { type: 'bool', description: 'Set by setInterval.' },
  },
  request: {
    thresholdMs: {
      type: 'f64',
      unit: 'ms',
      default: 50,
      min: 2,
      max: 3_600_000,
      description: 'Timers that are less late are not told.',
    },
  },
};

/** What the door `./thread` posts, inside the threads. */
export const threadDescriptors: readonly EventTypeDescriptor[] = [
  gcPauseDescriptor,
  promiseRejectedDescriptor,
  exceptionThrownDescriptor,
  timerLateDescriptor,
];

/** What the door `./inject` posts, beside the threads. */
export const besideDescriptors: readonly EventTypeDescriptor[] = [
  eventLoopStallDescriptor,
  eventLoopRecoveredDescriptor,
  heapNearLimitDescriptor,
  exceptionThrownDescriptor,
  workerStartedDescriptor,
  workerExitedDescriptor,
];

/** Everything this producer may post. */
export const runtimeDescriptors: readonly EventTypeDescriptor[] = [
  ...new Set([...besideDescriptors, ...threadDescriptors]),
];
