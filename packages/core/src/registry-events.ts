/** The registry's own events: whoever listens learns of types, armings and losses like of anything else. */
import type { Arming } from './arms.ts';
import type { Registry } from './registry.ts';
import type { RingLossReason } from './ring.ts';
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
  reportLoss(type: string, why: RingLossReason | 'throttled', detail: string): void;
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
  const lost = registry.registerEventType({ name: 'registry.lost', producer, description: 'Events of a type were lost before they could be recorded.', fields: { name, reason, count, detail: { type: 'string' } } }); // prettier-ignore
  const throttled = registry.registerEventType({ name: 'registry.throttled', producer, description: 'Events of a type went beyond a budget.', fields: { name, count, detail: { type: 'string' } } }); // prettier-ignore
  const reports = new Reports();
  return {
    registered: (d) => registered.post({ name: d.name, kind: d.kind, description: d.description }),
    unregistered: (d) => unregistered.post({ name: d.name }),
    armed: (d, arming) => armed.post(armingPayload(d, arming)),
    disarmed: (d, arming) => disarmed.post(armingPayload(d, arming)),
    reportLoss(type, why, detail) {
      if (type.startsWith('registry.') || !(lost.hasListeners || throttled.hasListeners)) return;
      reports.add(`${type} ${why}`, (n) => {
        if (why === 'throttled') throttled.post({ name: type, count: n, detail });
        else lost.post({ name: type, reason: why, count: n, detail });
      });
    },
  };
}

/** The first loss of a kind is told at once, further ones at most once a second, summed up. */
class Reports {
  readonly #waiting: Map<string, { count: number }> = new Map();

  add(key: string, tell: (count: number) => void): void {
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) {
      waiting.count++;
      return;
    }
    const entry = { count: 0 };
    this.#waiting.set(key, entry);
    tell(1);
    setTimeout(() => {
      this.#waiting.delete(key);
      if (entry.count > 0) tell(entry.count);
    }, 1000).unref();
  }
}
