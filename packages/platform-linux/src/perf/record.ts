/**
 * Records other than samples end with the fields of `sample_id_all`. With the common sample type
 * these are 24 bytes: u32 pid, u32 tid; u64 time; u64 identifier.
 */
const trailerBytes = 24;
const headerBytes = 8;

const readNumber = (view: DataView, at: number): number =>
  view.getUint32(at, true) + view.getUint32(at + 4, true) * 4_294_967_296;

/** The time of a record, CLOCK_MONOTONIC; 0 when it is too short to have one. */
export function recordTime(
  view: DataView,
  offset: number,
  sizeBytes: number,
  isSample: boolean,
): number {
  if (isSample) return sizeBytes < 40 ? 0 : readNumber(view, offset + 32);
  if (sizeBytes < headerBytes + trailerBytes) return 0;
  return readNumber(view, offset + sizeBytes - 16);
}

/** Which event a record is of; 0 when it is too short to say. */
export function recordId(
  view: DataView,
  offset: number,
  sizeBytes: number,
  isSample: boolean,
): number {
  if (isSample) return sizeBytes < 16 ? 0 : readNumber(view, offset + 8);
  if (sizeBytes < headerBytes + trailerBytes) return 0;
  return readNumber(view, offset + sizeBytes - 8);
}

/** `PERF_RECORD_FORK` and `PERF_RECORD_EXIT`: u32 pid, ppid, tid, ptid; u64 time. */
export function readTask(
  view: DataView,
  offset: number,
  sizeBytes: number,
): { readonly pid: number; readonly tid: number } | undefined {
  if (sizeBytes < headerBytes + 24) return undefined;
  return { pid: view.getUint32(offset + 8, true), tid: view.getUint32(offset + 16, true) };
}

/** `PERF_RECORD_LOST`: u64 id, u64 lost. */
export function readLost(view: DataView, offset: number, sizeBytes: number): number {
  return sizeBytes < headerBytes + 16 ? 0 : readNumber(view, offset + 16);
}

/** `PERF_RECORD_THROTTLE` and `_UNTHROTTLE`: u64 time, id, stream_id. */
export function readThrottledId(view: DataView, offset: number, sizeBytes: number): number {
  return sizeBytes < headerBytes + 24 ? 0 : readNumber(view, offset + 16);
}
