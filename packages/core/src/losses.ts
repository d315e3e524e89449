/** How the slow path counts what it does not deliver: per listen, in the ring, and as registry events. */
import type { Occurrence } from './moment.ts';
import type { Binding, TypeState } from './process-event.ts';
import type { LossReason, RingLossReason } from './ring.ts';
import type { Tap } from './tap.ts';

/** One event that matched a listen is lost for it. */
export function lose(type: TypeState, tap: Tap, reason: LossReason, detail = ''): void {
  const { thread } = type;
  tap.lost++;
  if (tap.slot >= 0 && reason !== 'queue-full') thread.recorder?.lose(1 << tap.slot, reason);
  thread.reportLoss(type.descriptor.name, reason, detail);
}

/** One event is held back by the budget of its listen. */
export function throttle(type: TypeState, tap: Tap): void {
  const { thread } = type;
  tap.throttled++;
  if (tap.slot >= 0) thread.recorder?.countThrottled(tap.slot);
  thread.reportLoss(type.descriptor.name, 'throttled', tap.options.pattern);
}

/** The record of an event could not be written for the listens in these slots. */
export function loseSet(
  type: TypeState,
  bindings: readonly Binding[],
  set: number,
  reason: RingLossReason,
): void {
  const { thread } = type;
  for (const { tap } of bindings) if (isIn(set, tap)) tap.lost++;
  thread.recorder?.lose(set, reason);
  thread.reportLoss(type.descriptor.name, reason, '');
}

/** An event that nothing can be said about, so it counts as matched and lost for every listen of its type. */
export function loseForAll(
  type: TypeState,
  bindings: readonly Binding[],
  occurrence: Occurrence | undefined,
  reason: RingLossReason,
  detail: string,
): void {
  const { thread } = type;
  const armed = occurrence?.armId ?? 0;
  let set = 0;
  for (const { tap, armId } of bindings) {
    if (!tap.isLive || (armed !== 0 && armed !== armId)) continue;
    countMatch(type, tap);
    tap.lost++;
    if (tap.slot >= 0) set |= 1 << tap.slot;
  }
  thread.recorder?.lose(set, reason);
  thread.reportLoss(type.descriptor.name, reason, detail);
}

/** A source says how many events of an arming it could not keep; whether they would have matched is unknown. */
export function loseFromSource(type: TypeState, armId: number, count: number): void {
  if (!(count > 0)) return;
  const { thread, bindings, descriptor } = type;
  let set = 0;
  for (const { tap, armId: heard } of bindings) {
    if (!tap.isLive || heard !== armId) continue;
    tap.matched += count;
    tap.lost += count;
    if (tap.slot < 0) continue;
    set |= 1 << tap.slot;
    thread.recorder?.countMatches(tap.slot, count);
  }
  thread.recorder?.lose(set, 'ring-full', count);
  thread.reportLoss(descriptor.name, 'ring-full', 'the source fell behind', count);
}

/** A predicate threw: its listen is over, unless it only met the end of the poster's stack. */
export function failPredicate(type: TypeState, tap: Tap, error: unknown): void {
  countMatch(type, tap);
  lose(type, tap, 'predicate-failed');
  if (!isStackOverflow(error)) type.thread.endTap(tap, error);
}

/** Where an event stood when something threw. */
interface Progress {
  /** Bindings that are done with. */
  readonly settled: number;
  /** Has the next one been counted as matched? */
  readonly isCounted: boolean;
  /** Slots that waited for their record. */
  readonly recordSet: number;
  readonly error: unknown;
}

/** A getter of the payload threw, or the poster is at the end of its stack: what is open is lost, and said. */
export function recover(
  type: TypeState,
  bindings: readonly Binding[],
  occurrence: Occurrence | undefined,
  { settled, isCounted, recordSet, error }: Progress,
): void {
  const reason = isStackOverflow(error) ? 're-entry' : 'bad-payload';
  try {
    const open = bindings[settled]?.tap;
    if (recordSet !== 0) loseSet(type, bindings, recordSet, reason);
    if (isCounted && open !== undefined && !isIn(recordSet, open)) lose(type, open, reason);
    const rest = bindings.slice(isCounted ? settled + 1 : settled);
    if (rest.length > 0) loseForAll(type, rest, occurrence, reason, describe(error));
  } catch {
    // The stack does not suffice even for counting.
  }
}

function countMatch(type: TypeState, tap: Tap): void {
  tap.matched++;
  if (tap.slot >= 0) type.thread.recorder?.countMatch(tap.slot);
}

function isIn(set: number, tap: Tap): boolean {
  return tap.slot >= 0 && (set & (1 << tap.slot)) !== 0;
}

function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes('call stack');
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : typeof error;
}
