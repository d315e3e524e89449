export { hotSpotErrorCodes } from './errors.ts';
export {
  hotSpot,
  hotSpotCandidate,
  hotSpotCandidateDescriptor,
  hotSpotDescriptor,
  hotSpotDescriptors,
  hotSpotSample,
  hotSpotSampleDescriptor,
} from './events.ts';
export { createHotSpotProducer } from './producer.ts';
export type {
  HotSpotCandidatePayload,
  HotSpotPayload,
  HotSpotProducer,
  HotSpotRegistry,
  HotSpotSamplePayload,
  Support,
} from './types.ts';
