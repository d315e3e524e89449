/** The door `./ring`: what the reader of a ring and the decoder of its records need. */
export {
  createFieldReader,
  createPayloadReader,
  createRecordCheck,
  createStackReader,
  type DecodedRecord,
  type FieldReader,
  type PayloadReader,
  recordAt,
  walkRecords,
} from './decode.ts';
export { createRingBuffer, listenSlots, recordHeaderBytes, recordKind, ringLossReasons, type RingLossReason } from './ring.ts'; // prettier-ignore
export { RingReader, type SlotCounters } from './ring-reader.ts';
