import { checkSocketDirectory, socketPath } from '@extension-events/protocol';
import type { ExtensionEventError } from '@extension-events/core';
import { agentThreadFile } from './agent-files.ts';
import { acceptsConnections } from './attach/agent-socket.ts';
import { findBlockingCall } from './attach/blocked.ts';
import { findPortHolder, type InspectorAddress } from './attach/inspector-port.ts';
import { isOverlapping, listListeners } from './attach/listen-ports.ts';
import { refusals } from './attach/refusals.ts';
import { checkAgentFile, examine, findProcess, type Target } from './attach/target.ts';

/** One thing about a process that an attach depends on. */
export interface Finding {
  /** What was looked at, in a word or two. */
  readonly what: string;
  /** What was seen. */
  readonly detail: string;
  /** The refusal that an attach would meet now, with its remedy. */
  readonly refusal?: ExtensionEventError;
}

/**
 * Says whether a process could be attached to, step by step in the order of an attach, without
 * touching it: nothing is signalled, opened or injected. It ends at the first refusal behind which
 * nothing more can be known. A handler for SIGUSR1 of the program's own cannot be told from Node's.
 */
export async function diagnose(pid: number): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  // Each step adds its sentence; what it throws is the refusal, and the last word.
  const step = async <T>(what: string, look: () => T | Promise<T>, tell: (seen: T) => string) => {
    try {
      const seen = await look();
      findings.push({ what, detail: tell(seen) });
      return { seen };
    } catch (error) {
      const refusal = error as ExtensionEventError;
      findings.push({ what, detail: refusal.message, refusal });
      return undefined;
    }
  };
  const found = await step('process', () => findProcess(pid), () => `process ${pid} runs`); // prettier-ignore
  if (found === undefined) return findings;
  const { startTime, status } = found.seen;
  const uid = status.effectiveUid;
  const path = socketPath({ pid, startTime }, uid);
  const agent = await step(
    'agent',
    async () =>
      checkSocketDirectory(uid) !== undefined &&
      (await acceptsConnections({ pid, startTime, role: 'agent', uid, path })),
    (answers) =>
      answers
        ? 'an agent answers: nothing needs to be injected'
        : 'none yet: it would be injected at the first listen or debug',
  );
  if (agent === undefined || agent.seen) return findings;
  const examined = await step(
    'target',
    () => examine(pid, startTime, status),
    ({ exe }) => exe,
  );
  if (examined === undefined) return findings;
  const target = examined.seen;
  await step('agent file', () => checkAgentFile(target, status, agentThreadFile()), () => 'the process may read it'); // prettier-ignore
  await step('signal', () => checkSignal(pid, status), () => 'SIGUSR1 is caught'); // prettier-ignore
  await step('main thread', () => checkMainThread(pid), () => 'it would answer'); // prettier-ignore
  await step('inspector port', () => checkPort(target), (held) => held); // prettier-ignore
  return findings;
}

function checkSignal(pid: number, status: { readonly catchesSigusr1: boolean }): void {
  if (!status.catchesSigusr1) throw refusals.signalDisabled(pid);
}

function checkMainThread(pid: number): void {
  const call = findBlockingCall(pid);
  if (call !== undefined) throw refusals.blocked(pid, call, 0);
}

// Only looks: to try the port by listening there could disturb an attach that goes on elsewhere.
function checkPort({ inspectorAddress, pid }: Target): string {
  const at = describeAddress(inspectorAddress);
  if (!listListeners().some((listener) => isOverlapping(listener, inspectorAddress)))
    return `${at} is free`;
  const holder = findPortHolder(inspectorAddress);
  if (holder?.pid === pid) return `${at} is open: the process is being inspected already`;
  throw refusals.portBusy(pid, inspectorAddress.port, holder);
}

function describeAddress({ host, port }: InspectorAddress): string {
  return port === 0 ? `any free port of ${host}` : `${host}:${port}`;
}
