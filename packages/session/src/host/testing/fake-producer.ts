/** For tests: a producer of placement `host`, loaded by its URL like a real one. */
import { type Arming, ExtensionEventError, type Producer, type Registry } from '@extension-events/core'; // prettier-ignore
import type { LinuxHost, PerfArming } from '@extension-events/platform-linux';

const fields = { n: { type: 'u32' }, big: { type: 'i64' }, name: { type: 'string' } } as const;
const request = {
  every: { type: 'u32', default: 1, min: 1 },
  filter: { type: 'string', default: '' },
} as const;

function register(registry: Registry, linux: LinuxHost, name: string) {
  const open = new Map<number, PerfArming>();
  return registry.registerEventType({
    name,
    kind: 'requested',
    description: 'A fake event.',
    fields,
    request,
    producer: 'fake',
    separatesStops: true,
    arm: async (arming: Arming<never, { every: number }>) => {
      await Promise.resolve(); // as one that looks up a symbol
      if (open.has(arming.armId)) return;
      const { subject } = arming;
      let passed = 0;
      open.set(
        arming.armId,
        linux.perf.open({
          event: { type: 'software', event: 'task-clock' },
          rate: { period: 1 },
          ...(subject === undefined ? {} : { tid: subject.tid }),
          signalsThread: arming.isStop,
          onSample({ pc, tid, timeNs }) {
            if (++passed % arming.request.every !== 0) return;
            const payload = { n: pc, big: BigInt(pc), name: `n${pc}` };
            arming.post(payload as never, { tid, threadId: -1 }, timeNs);
          },
          onLost: (count) => arming.lose(count),
        }),
      );
    },
    disarm: ({ armId }: Arming<never>) => {
      open.get(armId)?.[Symbol.dispose]();
      open.delete(armId);
    },
  } as never);
}

export const producer: Producer<LinuxHost> = {
  id: 'fake',
  description: 'Posts whatever a test says.',
  placement: 'host',
  eventTypes: [
    { name: 'fake.hit', kind: 'requested', description: 'A fake event.', fields, request },
  ],
  schemes: ['fake'],
  isSupported: () => ({ ok: true }),
  start(registry, linux) {
    const types = [register(registry, linux, 'fake.hit')];
    return {
      provide(name) {
        if (!name.endsWith(':there'))
          throw new ExtensionEventError('EE_FAKE_UNKNOWN', `There is no ${name}.`, 'fake:there');
        if (registry.tryGetEventType(name) === undefined)
          types.push(register(registry, linux, name));
      },
      [Symbol.dispose]() {
        for (const type of types) type.unregister();
      },
    };
  },
};
