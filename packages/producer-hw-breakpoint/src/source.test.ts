import { describe, expect, it } from 'vitest';
import { createFakeHost, type FakeHost } from '../fixtures/fake-host.ts';
import { HitSource } from './source.ts';
import type { HitArming, HitRequest, HwBreakpointHitPayload } from './types.ts';

interface Posted {
  readonly payload: HwBreakpointHitPayload;
  readonly tid: number | undefined;
  readonly timestampNs: number | undefined;
}

let nextId = 1;

function createArming(request: Partial<HitRequest>, more: Partial<HitArming> = {}): HitArming & { posted: Posted[]; lost: number[] } {
  const posted: Posted[] = [];
  const lost: number[] = [];
  return {
    armId: nextId++,
    subject: undefined,
    request: { address: 'counter', access: 'write', kernel: false, ...request },
    isStop: false,
    narrow: [],
    post: (payload, subject, timestampNs) => void posted.push({ payload, tid: subject?.tid, timestampNs }),
    lose: (count) => void lost.push(count),
    posted,
    lost,
    ...more,
  };
} // prettier-ignore

const symbols = {
  counter: { address: 0x404040n, sizeBytes: 8 },
  writer: { address: 0x401000n, sizeBytes: 64 },
};
const fake = (): FakeHost => createFakeHost({ symbols });

describe('the source', () => {
  it('opens one event for an arming, by symbol, and tells each of its samples', async () => {
    const host = fake();
    using source = new HitSource(host);
    const arming = createArming({});
    await source.arm(arming);
    const [event] = host.open;
    expect(event?.request).toMatchObject({
      event: { type: 'breakpoint', access: 'write', address: 0x404040n, lengthBytes: 8 },
      rate: { period: 1 },
      includesKernel: false,
      signalsThread: false,
    });
    expect(event?.request).not.toHaveProperty('tid');
    event?.sample({ tid: 12, pc: 0x401010n, timeNs: 77, chain: [0x401010n, 0x402000n] });
    event?.request.onLost?.(3);
    expect(arming.posted).toEqual([
      {
        payload: {
          address: 0x404040n,
          lengthBytes: 8,
          access: 'write',
          pc: 0x401010n,
          symbol: 'writer',
          module: '/bin/fake',
          stack: '0x401010\n0x402000',
        },
        tid: 12,
        timestampNs: 77,
      },
    ]);
    expect(arming.lost).toEqual([3]);
  });

  it('watches one thread, signals it for a stop, and asks for the kernel only when told', async () => {
    const host = fake();
    using source = new HitSource(host);
    const subject = { tid: 42, threadId: 3 };
    await source.arm(createArming({ address: '0x1000', kernel: true }, { subject, isStop: true }));
    expect(host.open[0]?.request).toMatchObject({
      tid: 42,
      signalsThread: true,
      includesKernel: true,
    });
  });

  it('has no event when it is disarmed before the address is known', async () => {
    const host = fake();
    using source = new HitSource(host);
    const arming = createArming({});
    const armed = source.arm(arming);
    source.disarm(arming);
    await armed;
    source.disarm(arming);
    expect(host.events).toEqual([]);
  });

  it('closes its event when disarmed, and can be armed again', async () => {
    const host = fake();
    using source = new HitSource(host);
    const arming = createArming({});
    await source.arm(arming);
    source.disarm(arming);
    expect(host.open).toEqual([]);
    await source.arm(arming);
    expect(host.open).toHaveLength(1);
  });

  it('passes unknown symbols and missing permission on as they are', async () => {
    using source = new HitSource(fake());
    const unknown = source.arm(createArming({ address: 'cuonter' }));
    await expect(unknown).rejects.toMatchObject({ code: 'EE_SYMBOL_UNKNOWN' });
    using refused = new HitSource(createFakeHost({ symbols, refuse: () => 'EE_PERF_PERMISSION' }));
    await expect(refused.arm(createArming({}))).rejects.toMatchObject({
      code: 'EE_PERF_PERMISSION',
    });
  });

  it('says of a fifth breakpoint how many there are and who holds them', async () => {
    const host: FakeHost = createFakeHost({
      symbols,
      refuse: () => (host.open.length >= 4 ? 'EE_PERF_NO_SLOT' : undefined),
    });
    using source = new HitSource(host);
    for (let i = 0; i < 4; i++) await source.arm(createArming({ address: `0x100${i * 4}`.replace('12', 'c') }));
    const fifth = source.arm(createArming({}));
    await expect(fifth).rejects.toMatchObject({
      code: 'EE_HW_BREAKPOINT_NO_SLOT',
      message: expect.stringMatching(/4 for each thread.*0x1000, 0x1004, 0x1008, 0x100c/),
      hint: expect.stringContaining('gdb'),
    });
  }); // prettier-ignore
});
