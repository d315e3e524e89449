/** The slow path of a post: somebody listens. The order of the steps is a promise of the product. */
import { monotonicNs } from './clock.ts';
import type { PayloadCodec } from './codec.ts';
import type { Delivery } from './delivery.ts';
import { flag } from './flags.ts';
import { failPredicate, lose, loseForAll, loseSet, recover, throttle } from './losses.ts';
import type { Moment, Occurrence } from './moment.ts';
import type { Recorder } from './recorder.ts';
import type { LossReason } from './ring.ts';
import type { Probe, Tap } from './tap.ts';
import type { AnyPayload, EventTypeDescriptor, Subject } from './types.ts';

/** One tap bound to one event type. */
export interface Binding {
  readonly tap: Tap;
  /** Of a probe with code of its own: that code. */
  readonly predicate: Probe | undefined;
  /** The arming that this tap hears, for requested types. */
  readonly armId: number;
}

/** What the slow path needs of an event type. */
export interface TypeState {
  readonly thread: ThreadState;
  readonly index: number;
  readonly descriptor: EventTypeDescriptor;
  readonly codec: PayloadCodec;
  /**
   * Probes first, then in order of attaching; replaced, never changed, so that a listen in mid-post
   * is not heard. Empty once the type is unregistered: its word may have the next owner's flags.
   */
  bindings: readonly Binding[];
  /** The one tap, when it wants every payload and nothing else: a listener of this thread, or a record. */
  onlyTap: Tap | undefined;
  heard: number;
  /** The ring that has a `define` record of this type. */
  definedIn: SharedArrayBuffer | undefined;
}

/** What the slow path needs of its thread. */
export interface ThreadState {
  readonly subject: Subject;
  readonly delivery: Delivery;
  /** One for each depth of nested posts; used again and again. */
  readonly moments: readonly Moment[];
  /** How deep the post that runs now is nested in others. */
  depth: number;
  recorder: Recorder | undefined;
  /** Ends a tap whose callback or predicate threw (`error`), or which was to stop once. */
  endTap(tap: Tap, error: unknown): void;
  reportLoss(name: string, reason: LossReason | 'throttled', detail: string, count?: number): void;
  /** False when nobody was there to stop the thread. */
  stop(catchIds: readonly number[], type: TypeState, payload: AnyPayload, moment: Moment): boolean;
}

/** Posts from inside probes, predicates and getters go this deep; deeper ones are counted as lost. */
export const maxDepth = 8;

/**
 * Runs one event through all taps of its type. Never throws. `nowNs` is -1 where the clock was not
 * read yet.
 *
 * One long function on purpose: V8 must not inline it into `post`, or it would stop inlining `post`
 * into its callers, and the off path would become a call.
 */
export function processEvent(
  type: TypeState,
  payload: AnyPayload,
  occurrence: Occurrence | undefined,
  nowNs: number,
): void {
  const { thread, bindings } = type;
  if (bindings.length === 0) return;
  const { onlyTap } = type;
  if (onlyTap !== undefined && occurrence === undefined && thread.depth === 0) {
    if (handOverPlainly(type, onlyTap, payload, nowNs)) return;
  }
  const moment = thread.moments[thread.depth];
  if (moment === undefined) {
    loseForAll(type, bindings, occurrence, 're-entry', `posts are nested ${maxDepth} deep`);
    return;
  }
  thread.depth++;
  type.heard++;
  const armed = occurrence === undefined ? 0 : occurrence.armId;
  // Where the event stands, should something below throw: bindings that are done with, whether the
  // next one has been counted as matched, and the slots that still wait for their record.
  let settled = 0;
  let isCounted = false;
  let recordSet = 0;
  try {
    const bytes = type.codec.measure(payload);
    if (bytes < 0) {
      const problem = type.codec.explain(payload) ?? 'it changed while it was read';
      settled = bindings.length;
      loseForAll(type, bindings, occurrence, 'bad-payload', problem);
      return;
    }
    moment.begin(type, occurrence, nowNs);
    const { recorder } = thread;
    let recordStack = '';
    let catchIds: number[] | undefined;
    let timed: Tap | undefined;
    let startNs = 0;
    for (let i = 0; i < bindings.length; i++) {
      settled = i;
      isCounted = false;
      const binding = bindings[i];
      if (binding === undefined) continue;
      const { tap, predicate } = binding;
      if (!tap.isLive || (armed !== 0 && armed !== binding.armId)) continue;
      const { budget } = tap.options;
      if (budget !== undefined && budget.takeTurn()) {
        timed = tap;
        startNs = monotonicNs();
      }
      if (predicate !== undefined) {
        let isMatch = false;
        try {
          isMatch = predicate(payload, moment);
        } catch (error) {
          failPredicate(type, tap, error);
          continue;
        }
        // A predicate is code too: it may have ended its own listen. A probe has dealt with the event.
        if (!isMatch || (!tap.isLive && tap.options.probe === undefined)) continue;
      }
      tap.matched++;
      isCounted = true;
      if (recorder !== undefined && tap.slot >= 0) recorder.countMatch(tap.slot);
      if (budget !== undefined && !budget.admit(moment.nowNs, bytes)) {
        throttle(type, tap);
        continue;
      }
      if (tap.bit === flag.record) {
        recordSet |= 1 << tap.slot;
        if (tap.options.stack !== undefined) recordStack = moment.takeStack(tap) || recordStack;
      } else if (tap.bit === flag.local) {
        const copy = type.codec.snapshot(payload);
        const event = tap.isBare ? copy : moment.describe(tap, copy);
        if (!thread.delivery.push(tap, event)) lose(type, tap, 'queue-full');
      } else if (tap.bit === flag.probe) {
        if (tap.options.probe !== undefined) tap.countHandedOver();
        else tap.deliver(moment.describe(tap, type.codec.snapshot(payload)));
      } else if (tap.ignoreLeft > 0) tap.ignoreLeft--;
      else {
        catchIds ??= [];
        catchIds.push(tap.options.catchId ?? 0);
      }
    }
    settled = bindings.length;
    if (recordSet !== 0) {
      const subjectTid = occurrence === undefined ? 0 : occurrence.subject.tid;
      const reason =
        recorder === undefined
          ? 'ring-full'
          : recorder.record(type, payload, bytes, recordSet, moment.timestampNs, subjectTid, armed, recordStack); // prettier-ignore
      if (reason !== undefined) loseSet(type, bindings, recordSet, reason);
      recordSet = 0;
    }
    if (timed !== undefined) timed.options.budget?.charge(monotonicNs() - startNs);
    if (catchIds !== undefined && thread.stop(catchIds, type, payload, moment)) {
      endTemporary(thread, bindings, catchIds);
    }
  } catch (error) {
    recover(type, bindings, occurrence, { settled, isCounted, recordSet, error });
  } finally {
    thread.depth--;
  }
}

/**
 * The short cut of the commonest cases. Whatever is not as it should be leaves no trace here and goes
 * the long way.
 */
function handOverPlainly(type: TypeState, tap: Tap, payload: AnyPayload, nowNs: number): boolean {
  const { thread } = type;
  thread.depth = 1;
  try {
    const isDone =
      tap.bit === flag.record
        ? thread.recorder?.recordAtOnce(type, payload, tap, nowNs) === true
        : deliver(type, tap, payload);
    if (!isDone) return false;
  } catch {
    return false;
  } finally {
    thread.depth = 0;
  }
  type.heard++;
  tap.matched++;
  return true;
}

function deliver({ thread, codec }: TypeState, tap: Tap, payload: AnyPayload): boolean {
  if (codec.measure(payload) < 0) return false;
  const copy = codec.snapshot(payload);
  return tap.isLive && thread.delivery.push(tap, copy);
}

// A stop that was missed does not use a temporary catchpoint up.
function endTemporary(thread: ThreadState, bindings: readonly Binding[], catchIds: number[]): void {
  for (const { tap } of bindings) {
    const { catchId = 0, temporary } = tap.options;
    if (temporary === true && catchIds.includes(catchId)) thread.endTap(tap, undefined);
  }
}
