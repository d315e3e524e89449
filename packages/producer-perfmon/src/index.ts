export { perfmonErrorCodes } from './errors.ts';
export {
  perfmonDescriptors,
  perfmonOverflow,
  perfmonOverflowDescriptor,
  perfmonThreshold,
  perfmonThresholdDescriptor,
} from './events.ts';
export { listCounters } from './list-counters.ts';
export { createPerfmonProducer } from './producer.ts';
export type {
  CounterInfo,
  PerfmonOverflowPayload,
  PerfmonProducer,
  PerfmonThresholdPayload,
} from './types.ts';
