/** The registry's own events: whoever listens learns of types, armings and losses like of anything else. */
import type { Arming } from './arms.ts';
import { monotonicNs } from './clock.ts';
import type { Registry } from './registry.ts';
import type { LossReason } from './ring.ts';
import type { EventTypeDescriptor } from './types.ts';

const name = { type: 'string', description: 'the event type' } as const;
const request = { type: 'string', description: 'the parameters, as JSON' } as const;
const tid = { type: 'u32', description: 'the armed thread; 0 = every thread' } as const;
const count = {
  type: 'u32',
  unit: '{event}',
  description: 'events since the last report',
} as const;
const reason = { type: 'string' } as const;

export interface OwnEvents {
  registered(descriptor: EventTypeDescriptor): void;
  unregistered(descriptor: EventTypeDescriptor): void;
  armed(descriptor: EventTypeDescriptor, arming: Arming): void;
  disarmed(descriptor: EventTypeDescriptor, arming: Arming): void;
  reportLoss(type: string, why: LossReason | 'throttled', detail: string, lostNow?: number): void;
}

function armingPayload(
  descriptor: EventTypeDescriptor,
  { request: values, subject }: Arming,
): { name: string; tid: number; request: string } {
  return { name: descriptor.name, tid: subject?.tid ?? 0, request: JSON.stringify(values) };
}

/** Registers them on a new registry. */
export function registerOwnEvents(registry: Registry): OwnEvents {
  const producer = 'core';
  const registered = registry.registerEventType({ name: 'registry.registered', producer, description: 'An event type was registered on this thread.', fields: { name, kind: { type: 'string' }, description: { type: 'string' } } }); // prettier-ignore
  const unregistered = registry.registerEventType({ name: 'registry.unregistered', producer, description: 'An event type was taken out of the name space.', fields: { name } }); // prettier-ignore
  const armed = registry.registerEventType({ name: 'registry.armed', producer, description: 'The source of a requested event type was switched on.', fields: { name, tid, request } }); // prettier-ignore
  const disarmed = registry.registerEventType({ name: 'registry.disarmed', producer, description: 'The source of a requested event type was switched off.', fields: { name, tid, request } }); // prettier-ignore
  const lost = registry.registerEventType({ name: 'registry.lost', producer, description: 'Events of a type were lost on this thread before a listener, or its ring, could have them.', fields: { name, reason, count, detail: { type: 'string' } } }); // prettier-ignore
  const throttled = registry.registerEventType({ name: 'registry.throttled', producer, description: 'Events of a type went beyond a budget.', fields: { name, count, detail: { type: 'string' } } }); // prettier-ignore
  const reports = new Reports();
  return {
    registered: (d) => registered.post({ name: d.name, kind: d.kind, description: d.description }),
    unregistered: (d) => unregistered.post({ name: d.name }),
    armed: (d, arming) => armed.post(armingPayload(d, arming)),
    disarmed: (d, arming) => disarmed.post(armingPayload(d, arming)),
    reportLoss(type, why, detail, lostNow = 1) {
      const told = why === 'throttled' ? throttled : lost;
      // Its own losses would be told by more of what is lost.
      if (!told.hasListeners || type.startsWith('registry.')) return;
      reports.add(`${type} ${why}`, lostNow, (n) => {
        if (why === 'throttled') throttled.post({ name: type, count: n, detail });
        else lost.post({ name: type, reason: why, count: n, detail });
      });
    },
  };
}

const quietNs = 1e9;

/** The first loss of a kind is told at once, further ones summed up, about once a second. */
class Reports {
  readonly #waiting: Map<string, { count: number; sinceNs: number }> = new Map();

  add(key: string, lostNow: number, tell: (count: number) => void): void {
    const waiting = this.#waiting.get(key);
    const nowNs = monotonicNs();
    if (waiting === undefined) {
      const entry = { count: 0, sinceNs: nowNs };
      this.#waiting.set(key, entry);
      tell(lostNow);
      setTimeout(() => {
        this.#waiting.delete(key);
        if (entry.count > 0) tell(entry.count);
      }, quietNs / 1e6).unref();
      return;
    }
    waiting.count += lostNow;
    if (nowNs - waiting.sinceNs < quietNs) return;
    // A thread that never returns to its loop gets no timers.
    const { count: sum } = waiting;
    waiting.count = 0;
    waiting.sinceNs = nowNs;
    tell(sum);
  }
}
