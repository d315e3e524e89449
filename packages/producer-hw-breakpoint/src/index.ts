export { hwBreakpointErrorCodes } from './errors.ts';
export { hwBreakpointDescriptors, hwBreakpointHit, hwBreakpointHitDescriptor } from './events.ts';
export { readNamedMemory } from './named-memory.ts';
export { createHwBreakpointProducer } from './producer.ts';
export type { Access, HwBreakpointHitPayload, HwBreakpointProducer, NamedMemory } from './types.ts';
