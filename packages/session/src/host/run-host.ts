import {
  ensureSocketDirectory,
  type ProcessIdentity,
  socketPath,
} from '@extension-events/protocol';
import type { LinuxHost } from '@extension-events/platform-linux';
import { describeProgram } from '../attach/program.ts';
import { checkHostTarget } from './host-target.ts';
import { Host, type HostSettings } from './host.ts';
import type { HolderFactory } from './holder.ts';
import { isRunning } from './process-life.ts';

/** What a host stands on; tests put something else there. */
export interface HostPlatform {
  open(pid: number): Promise<LinuxHost & Partial<Disposable>>;
  readonly createHolder?: HolderFactory;
}

/** A host that serves. */
export interface RunningHost {
  readonly host: Host;
  readonly socketPath: string;
}

const lookMs = 200;

/**
 * Starts the host of a process in this process.
 *
 * @returns with `host` left out when another one serves it already
 * @throws ExtensionEventError `EE_NO_PROCESS`, `EE_HOST_PERMISSION`, `EE_SOCKET_DIR`, and what the platform says
 */
export async function runHost(
  pid: number,
  platform: HostPlatform,
  options: Pick<HostSettings, 'startMs' | 'idleMs'> = {},
): Promise<RunningHost | { readonly socketPath: string }> {
  const identity = checkHostTarget(pid);
  const uid = process.geteuid?.() ?? 0;
  ensureSocketDirectory(uid);
  const path = socketPath({ ...identity, role: 'host' }, uid);
  const linux = await platform.open(pid);
  const { createHolder } = platform;
  const host = new Host({ socketPath: path, linux, ...describeProgram(pid), ...(createHolder === undefined ? {} : { createHolder }), ...options }); // prettier-ignore
  void host.ended.then(() => linux[Symbol.dispose]?.());
  if (!(await host.serve())) return { socketPath: path };
  followTarget(host, linux, identity);
  return { host, socketPath: path };
}

function followTarget(host: Host, linux: LinuxHost, identity: ProcessIdentity): void {
  const look = (): void => {
    if (!isRunning(identity)) void host.targetEnded();
  };
  const timer = setInterval(look, lookMs);
  const following = linux.onThreads(({ removed }) => void (removed.length > 0 && look()));
  const stop = (): void => {
    clearInterval(timer);
    following[Symbol.dispose]();
  };
  void host.ended.then(stop);
}
