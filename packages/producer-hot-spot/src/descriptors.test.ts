import { readFileSync } from 'node:fs';
import { checkEventName, getRegistry, resolveRequest } from '@extension-events/core';
import type { V8Host } from '@extension-events/platform-v8';
import { describe, expect, it } from 'vitest';
import {
  createHotSpotProducer,
  hotSpotDescriptor,
  hotSpotDescriptors,
  hotSpotErrorCodes,
} from './index.ts';

describe('the producer', () => {
  it('does nothing until it is started, and tells what it could post', () => {
    const producer = createHotSpotProducer();
    expect(producer.placement).toBe('agent');
    expect(producer.eventTypes.map(({ name, kind }) => [name, kind])).toEqual([
      ['hot-spot', 'requested'],
      ['hot-spot.candidate', 'requested'],
      ['hot-spot.sample', 'requested'],
    ]);
    for (const { name, producer: id } of producer.eventTypes) {
      checkEventName(name);
      expect(id).toBe(producer.id);
    }
    expect(producer.isSupported()).toEqual({ ok: true });
  });

  it('can be armed without any parameter', () => {
    for (const descriptor of hotSpotDescriptors)
      expect(resolveRequest(descriptor, {})).toBeTruthy();
    expect(resolveRequest(hotSpotDescriptor, {})).toEqual({
      windowMs: 2000,
      by: 'function',
      scope: 'thread',
      share: 0.1,
      cooldownMs: 10_000,
    });
  });

  it('accepts the last and refuses the first value beyond each limit', () => {
    expect(
      resolveRequest(hotSpotDescriptor, { share: 1, hits: 1, frequencyHz: 5000 }),
    ).toBeTruthy();
    for (const request of [
      { share: 1.01 },
      { share: 0 },
      { hits: 0 },
      { frequencyHz: 5001 },
      { windowMs: 99 },
      { by: 'file' },
      { scope: 'machine' },
    ]) {
      expect(() => resolveRequest(hotSpotDescriptor, request)).toThrow(/hot-spot/);
    }
  });

  it.each([{ by: 'pc' }, { scope: 'process' }, { scope: 'system' }])(
    'refuses what a JavaScript profile cannot do: %o',
    (request) => {
      const host: V8Host = {
        threads: [],
        onThreads: () => ({ [Symbol.dispose]: () => undefined }),
      };
      using _ = createHotSpotProducer().start(getRegistry(), host);
      const refusals: unknown[] = [];
      const onFailure = (_name: string, error: unknown): void => void refusals.push(error);
      const tap = getRegistry().tap({ mode: 'probe', pattern: 'hot-spot', request, onFailure });
      getRegistry().untap(tap);
      expect(refusals).toMatchObject([{ code: 'EE_HOT_SPOT_NATIVE_ONLY' }]);
    },
  );

  it('documents every error, event and parameter in the README', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const documented = [...readme.matchAll(/^\| `(EE_\w+)`/gm)].map(([, code]) => code);
    expect(new Set(documented)).toEqual(new Set(Object.keys(hotSpotErrorCodes)));
    for (const { name, fields, request } of hotSpotDescriptors) {
      expect(readme).toContain(`\`${name}\``);
      for (const word of [...Object.keys(fields), ...Object.keys(request ?? {})])
        expect(readme).toContain(`\`${word}\``);
    }
  });
});
