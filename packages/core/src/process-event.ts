/** The slow path of a post: somebody listens. The order of the steps is a promise of the product. */
import { monotonicNs } from './clock.ts';
import type { PayloadCodec } from './codec.ts';
import type { Delivery } from './delivery.ts';
import { Moment, type Occurrence } from './moment.ts';
import type { Recorder } from './recorder.ts';
import { countersPerSlot, type RingLossReason } from './ring.ts';
import type { Predicate, Tap } from './tap.ts';
import type { AnyPayload, EventTypeDescriptor, Subject } from './types.ts';

/** One tap bound to one event type. */
export interface Binding {
  readonly tap: Tap;
  readonly predicate: Predicate | undefined;
  /** The arming that this tap hears, for requested types. */
  readonly armId: number;
}

/** What the slow path needs of an event type. */
export interface TypeState {
  readonly index: number;
  readonly descriptor: EventTypeDescriptor;
  readonly codec: PayloadCodec;
  /** In order of attaching; replaced, never changed, so that a listen in mid-post is not heard. */
  bindings: readonly Binding[];
  heard: number;
}

/** What the slow path needs of its thread. */
export interface ThreadState {
  readonly subject: Subject;
  readonly delivery: Delivery;
  /** One for each depth of nested posts; used again and again. */
  readonly moments: readonly Moment[];
  recorder: Recorder | undefined;
  endTap(tap: Tap, error: unknown): void;
  reportLoss(name: string, reason: RingLossReason | 'throttled', detail: string): void;
  stop(catchIds: readonly number[], name: string, payload: AnyPayload): void;
}

/** Posts from inside probes and predicates go this deep; deeper ones are counted as lost. */
export const maxDepth = 8;
let depth = 0;

const rareBytes = 65_536;

/**
 * Runs one event through all taps of its type.
 *
 * One long function on purpose: V8 must not inline it into `post`, or it would stop inlining `post`
 * into its callers, and the off path would become a call.
 */
export function processEvent(
  thread: ThreadState,
  type: TypeState,
  payload: AnyPayload,
  occurrence: Occurrence | undefined,
): void {
  const moment = thread.moments[depth];
  if (moment === undefined) {
    loseForAll(thread, type, occurrence, 're-entry', `posts are nested ${maxDepth} deep`);
    return;
  }
  let bytes = type.codec.measure(payload);
  if (bytes < 0) {
    const problem = type.codec.explain(payload);
    if (problem !== undefined) {
      loseForAll(thread, type, occurrence, 'bad-payload', problem);
      return;
    }
    bytes = rareBytes; // optional fields spelled out as undefined
  }
  moment.begin(type, payload, occurrence);
  const armed = occurrence === undefined ? 0 : occurrence.armId;
  const { recorder } = thread;
  const { bindings } = type;
  let recordSet = 0;
  let recordStack = '';
  let catchIds: number[] | undefined;
  let timed: Tap | undefined;
  type.heard++;
  depth++;
  try {
    for (let i = 0; i < bindings.length; i++) {
      const binding = bindings[i];
      if (binding === undefined) continue;
      const { tap, predicate } = binding;
      if (!tap.isLive || (armed !== 0 && armed !== binding.armId)) continue;
      const { budget, mode, slot } = tap.options;
      if (mode === 'probe') {
        tap.deliver(moment.describe(tap));
        continue;
      }
      if (predicate !== undefined) {
        try {
          if (!predicate(payload, moment)) continue;
        } catch (error) {
          count(thread, tap, 'matched');
          lose(thread, tap, 'predicate-failed');
          thread.endTap(tap, error);
          continue;
        }
      }
      tap.matched++;
      if (slot !== undefined && recorder !== undefined) {
        const at = slot * countersPerSlot;
        recorder.counters[at] = (recorder.counters[at] ?? 0) + 1;
      }
      if (budget !== undefined) {
        if (!budget.admit(moment.timestampNs, bytes)) {
          count(thread, tap, 'throttled');
          thread.reportLoss(type.descriptor.name, 'throttled', `listen to ${tap.options.pattern}`);
          continue;
        }
        if (budget.isTimed) timed = tap;
      }
      if (mode === 'record') {
        recordSet |= 1 << (slot ?? 0);
        if (tap.options.stack !== undefined) recordStack = moment.takeStack(tap);
      } else if (mode === 'local') {
        const event = tap.options.bare === true ? moment.copy : moment.describe(tap);
        if (!thread.delivery.push(tap, event)) tap.lost++;
      } else if (tap.ignoreLeft > 0) tap.ignoreLeft--;
      else {
        catchIds ??= [];
        catchIds.push(tap.options.catchId ?? 0);
        if (tap.options.temporary === true) thread.endTap(tap, undefined);
      }
    }
    if (recordSet !== 0 && recorder !== undefined) {
      const subjectTid = occurrence === undefined ? 0 : occurrence.subject.tid;
      const reason = recorder.record(type, payload, bytes, recordSet, moment.timestampNs, subjectTid, armed, recordStack); // prettier-ignore
      if (reason !== undefined) recorder.lose(recordSet, reason);
    }
    if (timed !== undefined) timed.options.budget?.charge(monotonicNs() - moment.timestampNs);
    if (catchIds !== undefined) thread.stop(catchIds, type.descriptor.name, payload);
  } finally {
    depth--;
    moment.end();
  }
}

function count(thread: ThreadState, tap: Tap, what: 'matched' | 'throttled'): void {
  tap[what]++;
  const counters = thread.recorder?.counters;
  const { slot } = tap.options;
  if (counters === undefined || slot === undefined) return;
  const at = slot * countersPerSlot + (what === 'matched' ? 0 : 2);
  counters[at] = (counters[at] ?? 0) + 1;
}

function lose(thread: ThreadState, tap: Tap, reason: RingLossReason): void {
  tap.lost++;
  if (tap.options.slot !== undefined) thread.recorder?.lose(1 << tap.options.slot, reason);
}

function loseForAll(
  thread: ThreadState,
  type: TypeState,
  occurrence: Occurrence | undefined,
  reason: RingLossReason,
  detail: string,
): void {
  const armed = occurrence?.armId ?? 0;
  for (const { tap, armId } of type.bindings) {
    if (tap.options.mode === 'probe' || (armed !== 0 && armed !== armId)) continue;
    count(thread, tap, 'matched');
    lose(thread, tap, reason);
  }
  thread.reportLoss(type.descriptor.name, reason, detail);
}
