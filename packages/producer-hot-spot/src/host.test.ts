import { producerContract } from '@extension-events/core/testing';
import { describe, expect, it } from 'vitest';
import { FakeLinux, FakeSymbols } from '../fixtures/fake-linux.ts';
import { producer } from './host.ts';
import { createHotSpotProducer } from './index.ts';
import { createNativeHotSpotProducer } from './perf/producer.ts';

describe('the host producer', () => {
  producerContract(
    createNativeHotSpotProducer(async () => () => new FakeSymbols()),
    {
      it,
      createHost: () => new FakeLinux(),
      module: new URL('./host.ts', import.meta.url),
      requests: {
        'hot-spot': [{}, { by: 'pc' }],
        'hot-spot.candidate': [{}, { scope: 'system' }],
        'hot-spot.sample': [{}, { frequencyHz: 99 }],
      },
    },
  );

  it('posts the types that the V8 source posts', () => {
    expect(producer.eventTypes).toEqual(createHotSpotProducer().eventTypes);
    expect(producer.id).toBe(createHotSpotProducer().id);
    expect(producer.placement).toBe('host');
  });
});
