import { ExtensionEventError, type RunningProducer, type Support } from '@extension-events/core';
import type { Arming, Registry } from '@extension-events/core';
import { OwnSessions, type ThreadSessions, type V8Host } from '@extension-events/platform-v8';
import {
  branchBufferFullDescriptor,
  breakpointDescriptors,
  breakpointHitDescriptor,
  producerId,
  stepBlockDescriptor,
  stepDescriptor,
} from '../events.ts';
import { scriptedStep } from '../refusals.ts';
import type { ScriptBreakpointProducer } from '../types.ts';
import { type HitArming, ScriptSource } from './source.ts';

/** What tests replace. */
export interface ScriptBreakpointOptions {
  /** Opens inspector sessions; default: those of the agent's process. */
  readonly openSessions?: (host: V8Host) => ThreadSessions;
}

/**
 * Creates the producer of `breakpoint.hit` for JavaScript threads.
 *
 * Creating it does nothing; `start` registers the types; breakpoints are set while somebody listens.
 * Threads are never paused. `step`, `step.block` and `branch-buffer.full` are refused with a code:
 * they are about native threads.
 */
export function createScriptBreakpointProducer({
  openSessions = (host) => new OwnSessions(host),
}: ScriptBreakpointOptions = {}): ScriptBreakpointProducer {
  return {
    id: producerId,
    description: 'Tells when JavaScript passes a line or a function, without stopping it.',
    placement: 'agent',
    eventTypes: breakpointDescriptors,
    isSupported,
    start: (registry, host) => start(registry, new ScriptSource(host, openSessions(host))),
  };
}

function isSupported(): Support {
  if (process.features.inspector) return { ok: true };
  return {
    ok: false,
    code: 'EE_BREAKPOINT_UNSUPPORTED',
    reason: `Node ${process.version} of this process was built without an inspector, through which breakpoints are set.`,
    hint: 'Use an official build of Node, or one configured without --without-inspector.',
  };
}

function start(registry: Registry, source: ScriptSource): RunningProducer {
  const types = [
    registry.registerEventType({
      ...breakpointHitDescriptor,
      arm: (arming) => source.arm(arming as unknown as HitArming),
      disarm: (arming) => source.disarm(arming),
    }),
    ...[stepDescriptor, stepBlockDescriptor, branchBufferFullDescriptor].map((descriptor) =>
      registry.registerEventType({ ...descriptor, arm: refuse(descriptor.name) }),
    ),
  ];
  return {
    [Symbol.dispose]: () => {
      for (const type of types) type.unregister();
      source[Symbol.dispose]();
    },
  };
}

function refuse(name: string): (arming: Pick<Arming, 'subject'>) => never {
  return ({ subject }) => {
    throw name === branchBufferFullDescriptor.name
      ? absentBuffer()
      : scriptedStep(name, subject?.tid);
  };
}

function absentBuffer(): ExtensionEventError {
  return new ExtensionEventError(
    'EE_BRANCH_BUFFER_ABSENT',
    'V8 shows no buffer of branches: branch-buffer.full is about native threads.',
    'Listen on a native thread of the process, chosen by tid:N.',
  );
}
