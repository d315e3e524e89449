export { tracepointErrorCodes } from './errors.ts';
export { parseProbeName, type ProbeName } from './names.ts';
export { createTracepointProducer } from './producer.ts';
export type { RunningTracepoints, TracepointProducer, TracepointProducerOptions } from './types.ts';
