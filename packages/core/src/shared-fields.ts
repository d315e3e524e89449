/** Field words that many event types share, with one meaning everywhere. */
export const sharedFields = {
  pc: { type: 'u64', base: 16, description: 'instruction address' },
  tid: { type: 'u32', description: 'Linux thread id' },
  threadId: { type: 'u32', description: "Node's worker number, 0 = main" },
  stack: { type: 'stack', description: 'frames, innermost first' },
  url: { type: 'string', description: 'script, as a path or URL that can be opened' },
  line: { type: 'u32', description: 'line, from 1' },
  column: { type: 'u32', description: 'column, from 1' },
  function: { type: 'string', description: 'function name as V8 gives it' },
  durationNs: { type: 'f64', unit: 'ns', description: 'how long it took' },
  len: { type: 'u32', unit: 'By', description: 'bytes that the program handed over' },
} as const;
