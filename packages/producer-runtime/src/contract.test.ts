import { readFileSync } from 'node:fs';
import { checkEventName, getRegistry, resolveRequest } from '@extension-events/core';
import { producerContract } from '@extension-events/core/testing';
import type { CdpSession, V8Host, V8Thread } from '@extension-events/platform-v8';
import { describe, expect, it } from 'vitest';
import * as index from './index.ts';
import { besideDescriptors, createBesideRuntimeProducer, createThreadRuntimeProducer, eventLoopStallDescriptor, heapNearLimitDescriptor, runtimeDescriptors, runtimeErrorCodes, threadDescriptors } from './index.ts'; // prettier-ignore
import { producer as injectProducer } from './inject.ts';
import { producer as threadProducer } from './thread.ts';

const module = new URL('index.ts', import.meta.url);
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

describe('the part inside the threads', () => {
  producerContract(createThreadRuntimeProducer(), {
    it,
    createHost: () => undefined,
    module,
    requests: {
      'gc.pause': [{}, { minMs: 5 }],
      'exception.thrown': [{}, { caught: true }],
      'timer.late': [{}, { thresholdMs: 20 }],
    },
  });
});

describe('the part beside the threads', () => {
  const producer = createBesideRuntimeProducer({
    openSessions: () => ({ open: async () => fakeSession(), [Symbol.dispose]: () => undefined }),
    openWorkerSession: fakeSession,
  });
  producerContract(producer, {
    it,
    createHost: fakeHost,
    module,
    requests: {
      'event-loop.stall': [{}, { thresholdMs: 50 }],
      'event-loop.recovered': [{}, { thresholdMs: 50 }],
      'heap.near-limit': [{}, { share: 0.5 }],
      'exception.thrown': [{ caught: true }, { caught: true, maxPerSecond: 5 }],
    },
  });

  it('refuses a thread that it does not see', async () => {
    const registry = getRegistry();
    using _ = producer.start(registry, fakeHost());
    const refused: unknown[] = [];
    for (const pattern of ['event-loop.stall', 'heap.near-limit', 'exception.thrown']) {
      registry.tap({ mode: 'probe', pattern, subject: { tid: 99, threadId: 9 }, onFailure: (_name, error) => refused.push((error as { code: string }).code) }); // prettier-ignore
    }
    await expect.poll(() => refused).toEqual(Array(3).fill('EE_RUNTIME_NO_THREAD'));
  });
});

describe('the descriptors', () => {
  it('are those of the two doors and of package.json', () => {
    const { extensionEvents } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { extensionEvents: { id: string; events: string[] } }; // prettier-ignore
    expect(threadProducer.eventTypes).toBe(threadDescriptors);
    expect(injectProducer.eventTypes).toBe(besideDescriptors);
    expect([threadProducer.placement, injectProducer.placement]).toEqual(['thread', 'agent']);
    expect(extensionEvents.id).toBe(index.producerId);
    expect(extensionEvents.events.toSorted()).toEqual(runtimeDescriptors.map(({ name }) => name).toSorted()); // prettier-ignore
    for (const { name, kind } of runtimeDescriptors) {
      checkEventName(name);
      expect(kind).toBe('requested'); // nothing is switched on by a wildcard
    }
  });

  it('accept the last and refuse the first value beyond each limit', () => {
    expect(resolveRequest(eventLoopStallDescriptor, { thresholdMs: 20 })).toEqual({ thresholdMs: 20 }); // prettier-ignore
    expect(resolveRequest(heapNearLimitDescriptor, { share: 1, everyMs: 20 })).toBeTruthy();
    for (const thresholdMs of [19, 3_600_001]) expect(() => resolveRequest(eventLoopStallDescriptor, { thresholdMs })).toThrow('event-loop.stall'); // prettier-ignore
    for (const request of [{ share: 1.01 }, { share: 0 }, { everyMs: 19 }]) expect(() => resolveRequest(heapNearLimitDescriptor, request)).toThrow('heap.near-limit'); // prettier-ignore
  });

  it('are documented in the README, with every error, event, field and parameter', () => {
    const documented = [...readme.matchAll(/^\| `(EE_\w+)`/gm)].map(([, code]) => code);
    expect(new Set(documented)).toEqual(new Set(Object.keys(runtimeErrorCodes)));
    for (const { name, fields, request } of runtimeDescriptors) {
      expect(readme).toContain(`\`${name}\``);
      for (const word of [...Object.keys(fields), ...Object.keys(request ?? {})]) expect(readme).toContain(`\`${word}\``); // prettier-ignore
    }
  });
});

function fakeSession(): CdpSession {
  const disposable = { [Symbol.dispose]: () => undefined };
  const answers: Record<string, unknown> = {
    'Runtime.evaluate': { result: { type: 'undefined' } },
    'Runtime.getHeapUsage': { usedSize: 0 },
  };
  return {
    post: ((method: string, params?: { expression?: string }) =>
      Promise.resolve(
        answerAsTheThread(params?.expression ?? '') ?? answers[method] ?? {},
      )) as CdpSession['post'],
    on: () => disposable,
    onClosed: () => disposable,
    isClosed: false,
    close: () => undefined,
  };
}

// The snippets that make a heartbeat are run right here: it sends its counter.
function answerAsTheThread(expression: string): object | undefined {
  if (expression.includes('heartbeat-modules')) return { result: { value: [null] } };
  if (!expression.includes('monitorEventLoopDelay')) return undefined;
  (0, eval)(expression); // oxlint-disable-line no-eval -- our own constant text
  return { result: { objectId: 'heartbeat' } };
}

function fakeHost(): V8Host {
  const disposable = { [Symbol.dispose]: () => undefined };
  const thread: V8Thread = { subject: { tid: 1, threadId: 0 }, name: 'main', session: fakeSession(), isHeld: false, onHeld: () => disposable }; // prettier-ignore
  return { threads: [thread], onThreads: () => disposable };
}
