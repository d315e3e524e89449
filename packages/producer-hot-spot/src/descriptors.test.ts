import { readFileSync } from 'node:fs';
import { checkEventName, resolveRequest } from '@extension-events/core';
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
      frequencyHz: 200,
      windowMs: 2000,
      by: 'function',
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
    ]) {
      expect(() => resolveRequest(hotSpotDescriptor, request)).toThrow(/hot-spot/);
    }
  });

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
