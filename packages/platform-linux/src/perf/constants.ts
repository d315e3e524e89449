// Numbers of include/uapi/linux/perf_event.h and fcntl.h, by the names that they have there.

/** perf_event_attr.type. */
export const perfType = { hardware: 0, software: 1, tracepoint: 2, hwCache: 3, raw: 4, breakpoint: 5 } as const; // prettier-ignore

/** perf_event_attr.sample_type; only what is decoded here. */
export const sampleBit = {
  ip: 1,
  tid: 2,
  time: 4,
  address: 8,
  read: 16,
  callchain: 32,
  raw: 1024,
  registersUser: 4096,
  stackUser: 8192,
  identifier: 65_536,
} as const;

/** What every event samples: who, when, where, and which event; the dispatching rests on it. */
export const commonSampleType: number = sampleBit.identifier | sampleBit.ip | sampleBit.tid | sampleBit.time; // prettier-ignore

/** perf_event_attr.read_format. */
export const readBit = { enabled: 1, running: 2, group: 8, lost: 16 } as const;

/** ioctl(2) requests; those that take a pointer have its size in them. */
export const perfIoctl = {
  enable: 0x2400,
  disable: 0x2401,
  refresh: 0x2402,
  setOutput: 0x2405,
  period: 0x40082404,
  setFilter: 0x40082406,
  id: 0x80082407,
} as const;

/** Record types, perf_event_header.type. */
export const recordType = { lost: 2, exit: 4, throttle: 5, unthrottle: 6, fork: 7, sample: 9 } as const; // prettier-ignore

/** fcntl(2) commands and flags for signals about a descriptor. */
export const fileSignal = { setFlags: 4, setSignal: 10, setOwnerEx: 15, async: 0o20000 } as const;

/** SIGURG, to a thread that is to stop: by default it is ignored, so that without a tracer nobody is harmed. */
export const stopSignal = 23;
