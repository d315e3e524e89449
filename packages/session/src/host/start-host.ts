import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { ExtensionEventError } from '@extension-events/core';
import { socketPath } from '@extension-events/protocol';
import { acceptsConnections } from '../attach/agent-socket.ts';
import { ownEntry, ownEnvironment } from '../own-entry.ts';
import { checkHostTarget } from './host-target.ts';
import { parseReadyLine } from './ready-line.ts';

/** How to start a host. */
export interface StartHostOptions {
  /** Time for the host to serve its socket, in milliseconds; 20 000 when left out. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Does a host of this process answer? One that died leaves nothing behind. */
export async function findHost(pid: number): Promise<string | undefined> {
  const identity = { ...checkHostTarget(pid), role: 'host' } as const;
  const uid = process.geteuid?.() ?? 0;
  const path = socketPath(identity, uid);
  return (await acceptsConnections({ ...identity, uid, path })) ? path : undefined;
}

/**
 * Finds the host of a process, or starts one: a process of its own, in a session of its own, that
 * ends by itself when nobody needs it any more.
 *
 * @throws ExtensionEventError `EE_HOST_START`, `EE_HOST_PERMISSION`, `EE_HOST_PLATFORM`, `EE_NO_PROCESS`
 */
export async function startHost(
  pid: number,
  { timeoutMs = 20_000, signal }: StartHostOptions = {},
): Promise<{ socketPath: string }> {
  const present = await findHost(pid);
  if (present !== undefined) return { socketPath: present };
  signal?.throwIfAborted();
  // Two starters at once start two: the second finds the socket taken, says so and ends.
  const child = spawn(process.execPath, [...ownEntry('./main', import.meta.url), String(pid)], {
    cwd: '/',
    detached: true,
    env: ownEnvironment(),
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const line = child.stdio[3] as Readable;
  const limit = AbortSignal.timeout(timeoutMs);
  const ending = signal === undefined ? limit : AbortSignal.any([limit, signal]);
  try {
    const text = await Promise.race([readAll(line, ending), failed(child)]);
    const ready = parseReadyLine(text);
    if (ready === undefined) throw await notStarted(pid, child);
    if ('socketPath' in ready) return ready;
    throw new ExtensionEventError(ready.error.code, ready.error.message, ready.error.hint);
  } catch (error) {
    if (error instanceof ExtensionEventError) throw error;
    child.kill();
    const what = limit.aborted
      ? `it said nothing within ${timeoutMs} ms`
      : (error as Error).message;
    throw refusal(pid, what, error);
  } finally {
    line.destroy();
    child.unref();
  }
}

async function readAll(stream: Readable, signal: AbortSignal): Promise<string> {
  let text = '';
  const onAbort = (): void => void stream.destroy(new Error('it was given up'));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    for await (const chunk of stream) text += String(chunk);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
  signal.throwIfAborted();
  return text;
}

async function failed(child: ReturnType<typeof spawn>): Promise<never> {
  const [error] = (await once(child, 'error')) as [Error];
  throw error;
}

async function notStarted(
  pid: number,
  child: ReturnType<typeof spawn>,
): Promise<ExtensionEventError> {
  if (child.exitCode === null && child.signalCode === null)
    await Promise.race([once(child, 'exit'), new Promise((resolve) => setTimeout(resolve, 1000))]);
  return refusal(pid, `it ended with ${child.signalCode ?? `status ${child.exitCode}`}`);
}

function refusal(pid: number, what: string, cause?: unknown): ExtensionEventError {
  return new ExtensionEventError('EE_HOST_START', `The host of process ${pid} was not started: ${what}.`, `Run it by hand to see why: ${[process.execPath, ...ownEntry('./main', import.meta.url), pid].join(' ')}`, cause === undefined ? undefined : { cause }); // prettier-ignore
}
