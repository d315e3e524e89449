export { createBesideRuntimeProducer } from './beside/producer.ts';
export type { BesideRuntimeOptions } from './beside/producer.ts';
export { runtimeErrorCodes } from './errors.ts';
export {
  besideDescriptors,
  eventLoopRecovered,
  eventLoopRecoveredDescriptor,
  eventLoopStall,
  eventLoopStallDescriptor,
  exceptionThrown,
  exceptionThrownDescriptor,
  gcPause,
  gcPauseDescriptor,
  heapNearLimit,
  heapNearLimitDescriptor,
  producerId,
  promiseRejected,
  promiseRejectedDescriptor,
  runtimeDescriptors,
  threadDescriptors,
  timerLate,
  timerLateDescriptor,
  workerExited,
  workerExitedDescriptor,
  workerStarted,
  workerStartedDescriptor,
} from './events.ts';
export { createThreadRuntimeProducer } from './thread/producer.ts';
export type {
  BesideRuntimeProducer,
  EventLoopStallPayload,
  ExceptionThrownPayload,
  FailurePayload,
  GcPausePayload,
  HeapNearLimitPayload,
  PromiseRejectedPayload,
  RunningPlace,
  RuntimePlace,
  ThreadRuntimeProducer,
  TimerLatePayload,
  WorkerExitedPayload,
  WorkerStartedPayload,
} from './types.ts';
