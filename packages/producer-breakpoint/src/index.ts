export { breakpointErrorCodes } from './errors.ts';
export {
  branchBufferFull,
  branchBufferFullDescriptor,
  breakpointDescriptors,
  breakpointHit,
  breakpointHitDescriptor,
  step,
  stepBlock,
  stepBlockDescriptor,
  stepDescriptor,
} from './events.ts';
export { createNativeBreakpointProducer } from './native/producer.ts';
export type { NativeBreakpointOptions } from './native/producer.ts';
export { createScriptBreakpointProducer } from './script/producer.ts';
export type { ScriptBreakpointOptions } from './script/producer.ts';
export type {
  BranchBufferFullPayload,
  BreakpointHitPayload,
  NativeBreakpointProducer,
  ScriptBreakpointProducer,
  StepPayload,
} from './types.ts';
