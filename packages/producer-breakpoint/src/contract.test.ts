import { readFileSync } from 'node:fs';
import { checkEventName, resolveRequest } from '@extension-events/core';
import { producerContract } from '@extension-events/core/testing';
import type { LinuxHost } from '@extension-events/platform-linux';
import type { CdpSession, V8Host, V8Thread } from '@extension-events/platform-v8';
import { describe, expect, it } from 'vitest';
import * as index from './index.ts';
import {
  breakpointDescriptors,
  breakpointErrorCodes,
  breakpointHitDescriptor,
  createNativeBreakpointProducer,
  createScriptBreakpointProducer,
  stepDescriptor,
} from './index.ts';
import { producer as hostProducer } from './host.ts';
import { producer as injectProducer } from './inject.ts';
import type { StepTracer } from './native/stepper.ts';

const module = new URL('index.ts', import.meta.url);
const requests = {
  'breakpoint.hit': [{ location: 'app.js:1' }, { location: 'run', stackDepth: 0 }],
  step: [{ count: 1 }, { count: 2 }],
  'step.block': [{ count: 1 }, { count: 2 }],
} as const;

describe('the producer of JavaScript threads', () => {
  producerContract(createScriptBreakpointProducer({ openSessions: () => ({ open: async () => fakeSession(), [Symbol.dispose]: () => undefined }) }), {
    it,
    createHost: fakeV8Host,
    module,
    requests,
    refused: {
      'breakpoint.hit': { location: 'app.js:1', captures: 'f()' },
      step: {},
      'step.block': {},
      'branch-buffer.full': {},
    },
  }); // prettier-ignore
});

describe('the producer of native threads', () => {
  producerContract(createNativeBreakpointProducer({ loadTracer: async () => fakeTracer() }), {
    it,
    createHost: fakeLinuxHost,
    module,
    requests,
    refused: {
      'breakpoint.hit': { location: 'run', captures: 'order.id' },
      'branch-buffer.full': {},
    },
  });
});

describe('the descriptors', () => {
  it('are the same for both', () => {
    expect(hostProducer.eventTypes).toBe(injectProducer.eventTypes);
    expect([hostProducer.id, hostProducer.placement]).toEqual(['breakpoint', 'host']);
    expect([injectProducer.id, injectProducer.placement]).toEqual(['breakpoint', 'agent']);
    for (const { name } of breakpointDescriptors) checkEventName(name);
  });

  it('accept the last and refuse the first value beyond each limit', () => {
    const location = 'a.ts:1';
    expect(resolveRequest(breakpointHitDescriptor, { location })).toEqual({ location, stackDepth: 16, method: 'auto', maxHitsPerSecond: 1000 }); // prettier-ignore
    expect(resolveRequest(stepDescriptor, { count: 100_000, maxMs: 10_000 })).toMatchObject({ everyN: 1 }); // prettier-ignore
    for (const request of [{}, { location, stackDepth: 65 }, { location, method: 'gdb' }, { location, maxHitsPerSecond: 0 }]) expect(() => resolveRequest(breakpointHitDescriptor, request)).toThrow('breakpoint.hit'); // prettier-ignore
    for (const request of [{ count: 0 }, { count: 100_001 }, { everyN: 0 }, { maxMs: 10_001 }]) expect(() => resolveRequest(stepDescriptor, request)).toThrow('step'); // prettier-ignore
  });

  it('are documented in the README, with every error, event and parameter', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const documented = [...readme.matchAll(/^\| `(EE_\w+)`/gm)].map(([, code]) => code);
    expect(new Set(documented)).toEqual(new Set(Object.keys(breakpointErrorCodes)));
    for (const { name, fields, request } of breakpointDescriptors) {
      expect(readme).toContain(`\`${name}\``);
      for (const word of [...Object.keys(fields), ...Object.keys(request ?? {})]) expect(readme).toContain(`\`${word}\``); // prettier-ignore
    }
  });

  it('have names for apps', () => {
    expect([index.breakpointHit, index.step, index.stepBlock, index.branchBufferFull]).toEqual(breakpointDescriptors.map(({ name }) => name)); // prettier-ignore
  });
});

function fakeSession(): CdpSession {
  const disposable = { [Symbol.dispose]: () => undefined };
  const answers: Record<string, unknown> = {
    'Runtime.evaluate': { result: { type: 'undefined' } },
  };
  return {
    post: ((method: string) => Promise.resolve(answers[method] ?? {})) as CdpSession['post'],
    on: () => disposable,
    onClosed: () => disposable,
    isClosed: false,
    close: () => undefined,
  };
}

function fakeV8Host(): V8Host {
  const disposable = { [Symbol.dispose]: () => undefined };
  const thread: V8Thread = { subject: { tid: 1, threadId: 0 }, name: 'main', session: fakeSession(), isHeld: false, onHeld: () => disposable }; // prettier-ignore
  return { threads: [thread], onThreads: () => disposable };
}

function nothing(): void {
  // what a fake does
}

function fakeTracer(): StepTracer {
  return {
    seize: nothing,
    interrupt: nothing,
    waitFor: () => ({ kind: 'exited', code: 0 }),
    pc: () => 0n,
    signalCode: () => 2,
    hideInterruption: nothing,
    hasPendingTrap: () => false,
    advance: nothing,
    cont: nothing,
    detach: nothing,
  };
}

function fakeLinuxHost(): LinuxHost {
  const disposable = { [Symbol.dispose]: () => undefined };
  const host: object = {
    pid: process.pid,
    threads: [{ tid: process.pid, name: 'run' }],
    onThreads: () => disposable,
    isScripted: () => false,
    perf: {
      open: () => ({ ...disposable, read: () => ({ value: 0n, enabledNs: 0, runningNs: 0 }), setPeriod: () => undefined }),
      rearm: () => undefined,
      drain: () => undefined,
    },
    symbols: {
      resolve: (address: bigint | number) => ({ address: BigInt(address), symbol: 'run', offset: 0, module: '/srv/app', kind: 'user' as const }),
      lines: () => Promise.resolve([]),
      find: () => Promise.resolve({ address: 0x1000n, symbol: 'run' }),
      formatStack: () => '',
      modules: () => [],
      close: () => undefined,
    },
  };
  return host as unknown as LinuxHost;
} // prettier-ignore
