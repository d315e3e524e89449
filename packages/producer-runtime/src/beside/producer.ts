import type { Registry, RunningProducer, Support } from '@extension-events/core';
import { OwnSessions, type ThreadSessions, type V8Host } from '@extension-events/platform-v8';
import { besideDescriptors, eventLoopRecoveredDescriptor, eventLoopStallDescriptor, exceptionThrownDescriptor, heapNearLimitDescriptor, producerId, workerExitedDescriptor, workerStartedDescriptor } from '../events.ts'; // prettier-ignore
import type { BesideRuntimeProducer } from '../types.ts';
import { createExceptionWatch } from './exceptions.ts';
import { createHeapWatch } from './heap.ts';
import { Places } from './places.ts';
import { Stalls } from './stalls.ts';
import { type OpenSession, Workers } from './workers.ts';

/** What tests replace. */
export interface BesideRuntimeOptions {
  /** Opens inspector sessions with threads; default: those of the agent's process. */
  readonly openSessions?: (host: V8Host) => ThreadSessions;
  /** Opens the session that hears of workers; default: one with the main thread. */
  readonly openWorkerSession?: OpenSession;
}

/**
 * Creates the part of the producer that runs beside the threads, in the agent: stalls, heaps,
 * workers, and exceptions where they are thrown.
 *
 * Starting it registers the types; threads are watched only while somebody listens.
 */
export function createBesideRuntimeProducer({
  openSessions = (host) => new OwnSessions(host),
  openWorkerSession,
}: BesideRuntimeOptions = {}): BesideRuntimeProducer {
  return {
    id: producerId,
    description: 'Tells of blocked event loops, full heaps, workers and thrown exceptions.',
    placement: 'agent',
    eventTypes: besideDescriptors,
    isSupported,
    start: (registry, host) => start(registry, host, openSessions(host), new Workers(host, openWorkerSession)), // prettier-ignore
  };
}

function isSupported(): Support {
  if (process.features.inspector) return { ok: true };
  return {
    ok: false,
    code: 'EE_RUNTIME_UNSUPPORTED',
    reason: `Node ${process.version} of this process was built without an inspector, through which its threads are watched.`,
    hint: 'Use an official build of Node, or one configured without --without-inspector.',
  };
}

function start(registry: Registry, host: V8Host, sessions: ThreadSessions, workers: Workers): RunningProducer {
  const places = new Places();
  const stalls = new Stalls(host, places);
  const heaps = createHeapWatch(host, places);
  const exceptions = createExceptionWatch(host, sessions);
  const types = [
    registry.registerEventType({ ...eventLoopStallDescriptor, ...switches(stalls.stalled), separatesStops: true }),
    registry.registerEventType({ ...eventLoopRecoveredDescriptor, ...switches(stalls.recovered) }),
    registry.registerEventType({ ...heapNearLimitDescriptor, ...switches(heaps) }),
    registry.registerEventType({ ...exceptionThrownDescriptor, ...switches(exceptions), separatesStops: true }),
    registry.registerEventType({ ...workerStartedDescriptor, ...switches({ arm: (arming) => workers.armStarted(arming), disarm: (arming) => workers.disarm(arming) }) }),
    registry.registerEventType({ ...workerExitedDescriptor, ...switches({ arm: (arming) => workers.armExited(arming), disarm: (arming) => workers.disarm(arming) }) }),
  ];
  return {
    [Symbol.dispose]: () => {
      for (const type of types) type.unregister();
      for (const each of [stalls, heaps, exceptions, workers, sessions]) each[Symbol.dispose]();
    },
  };
} // prettier-ignore

interface Source {
  arm(arming: never): Promise<unknown>;
  disarm(arming: { readonly armId: number }): void;
}

// The descriptors are data, so that their types do not say what each source is armed with.
function switches(source: Source): {
  arm: (arming: object) => Promise<void>;
  disarm: (arming: { readonly armId: number }) => void;
} {
  // prettier-ignore
  return {
    arm: async (arming) => void (await source.arm(arming as never)),
    disarm: (arming) => source.disarm(arming),
  };
}
