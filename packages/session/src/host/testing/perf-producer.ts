/** For tests: a small producer of real perf events. */
import type { Arming, Producer, Registry } from '@extension-events/core';
import type { LinuxHost, PerfArming, PerfRequest } from '@extension-events/platform-linux';

const fields = { address: { type: 'f64' } } as const;
const request = { period: { type: 'f64', default: 1, min: 1 } } as const;

type Values = { readonly period: number };

function register(
  registry: Registry,
  linux: LinuxHost,
  name: string,
  event: Pick<PerfRequest, 'event' | 'address'>,
) {
  // prettier-ignore
  const open = new Map<number, PerfArming>();
  return registry.registerEventType({
    name,
    kind: 'requested',
    description: 'A perf event.',
    fields,
    request,
    producer: 'perf-test',
    separatesStops: true,
    arm(armed: Arming<never, Values>) {
      const { armId, isStop, request: { period }, subject } = armed; // prettier-ignore
      if (open.has(armId)) return;
      const arming = linux.perf.open({
        ...event,
        rate: { period },
        ...(subject === undefined ? {} : { tid: subject.tid }),
        signalsThread: isStop,
        onSample({ address, tid, timeNs }) {
          armed.post({ address: Number(address) } as never, { tid, threadId: -1 }, timeNs);
        },
        onLost: (count) => armed.lose(count),
      });
      open.set(armId, arming);
    },
    disarm({ armId }: Arming<never>) {
      open.get(armId)?.[Symbol.dispose]();
      open.delete(armId);
    },
  } as never);
}

export const producer: Producer<LinuxHost> = {
  id: 'perf-test',
  description: 'Posts ticks of the CPU clock and page faults.',
  placement: 'host',
  eventTypes: ['clock.tick', 'fault.page'].map((name) => ({ name, kind: 'requested', description: 'A perf event.', fields, request })), // prettier-ignore
  isSupported: () => ({ ok: true }),
  start(registry, linux) {
    const types = [
      register(registry, linux, 'clock.tick', { event: { type: 'software', event: 'task-clock' } }),
      register(registry, linux, 'fault.page', { event: { type: 'software', event: 'page-faults' }, address: true }), // prettier-ignore
    ];
    return {
      [Symbol.dispose]() {
        for (const type of types) type.unregister();
      },
    };
  },
};
