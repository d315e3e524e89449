import { producerContract } from '@extension-events/core/testing';
import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { netProbesDescriptors } from '../index.ts';
import { createNetProbesProducer } from './producer.ts';

describe('the producer of the door ./thread', () => {
  producerContract(createNetProbesProducer(), {
    it,
    createHost: () => undefined,
    module: new URL('../index.ts', import.meta.url),
  });

  it('posts what its package says', () => {
    const names = netProbesDescriptors.map(({ name }) => name);
    expect(manifest.extensionEvents.events).toEqual(names);
  });
});
