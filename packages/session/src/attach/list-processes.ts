import { acceptsConnections, listAgentSockets } from './agent-socket.ts';
import { hasNodeName, isNodeProcess } from './node-binary.ts';
import { listPids, listThreads, readExe, readLiveStartTime, readStatus } from './proc.ts';
import { describeProgram } from './program.ts';

/** A process as `extev ls` shows it, seen from outside. */
export interface ProcessEntry {
  readonly pid: number;
  /** Clock ticks between boot and its start; with the pid it names the process for good. */
  readonly startTime: number;
  readonly uid: number;
  /** File name of the script, or the kernel's name of the process. */
  readonly name: string;
  /** `node 24.21.0`, `node` where the version cannot be told from outside, else the program's name. */
  readonly runtime: string;
  /** `attached`: a socket answers. `none`: a Node process that could be attached to, or no Node process. */
  readonly agent: 'attached' | 'none';
  /** Set when attached. */
  readonly socketPath?: string;
  /** Set while a host of this user (root: of anybody) looks into it. */
  readonly hostSocketPath?: string;
  readonly threads: readonly { readonly tid: number; readonly name: string }[];
}

/** Which processes to list. */
export interface ListProcessesOptions {
  /** Also those that do not run Node. */
  readonly all?: boolean;
}

/** Sockets that answer: of agents and hosts, by process. */
interface Answering {
  readonly agent: ReadonlyMap<string, string>;
  readonly host: ReadonlyMap<string, string>;
}

/**
 * Lists the processes of this user (root: of everybody) that have an agent or a host, and the Node
 * processes that have none; with `all`, every program. Looks only: nothing is signalled or injected.
 * Stale socket files are removed.
 */
export async function listProcesses({ all = false }: ListProcessesOptions = {}): Promise<
  ProcessEntry[]
> {
  // prettier-ignore
  const answering = { agent: new Map<string, string>(), host: new Map<string, string>() };
  await Promise.all(
    listAgentSockets().map(async (socket) => {
      const { pid, startTime, role, path } = socket;
      if (await acceptsConnections(socket)) answering[role].set(keyOf(pid, startTime), path);
    }),
  );
  const entries: ProcessEntry[] = [];
  for (const pid of listPids()) {
    const entry = describeProcess(pid, answering, all);
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}

function describeProcess(
  pid: number,
  { agent, host }: Answering,
  all: boolean,
): ProcessEntry | undefined {
  // prettier-ignore
  const startTime = readLiveStartTime(pid);
  const status = readStatus(pid);
  if (startTime === undefined || status === undefined) return undefined;
  const own = process.geteuid?.();
  if (own !== 0 && own !== status.effectiveUid) return undefined;
  const exe = readExe(pid).path;
  // Reading whole programs in search of Node is for those that could be: Node catches SIGUSR1.
  const isNode =
    exe !== undefined && (hasNodeName(exe) || (status.catchesSigusr1 && isNodeProcess(pid, exe)));
  const path = agent.get(keyOf(pid, startTime));
  const hostPath = host.get(keyOf(pid, startTime));
  const isListed = all || isNode || path !== undefined || hostPath !== undefined;
  if (exe === undefined || !isListed) return undefined;
  return {
    pid,
    startTime,
    uid: status.effectiveUid,
    ...describeProgram(pid, exe, isNode),
    agent: path === undefined ? 'none' : 'attached',
    ...(path === undefined ? {} : { socketPath: path }),
    ...(hostPath === undefined ? {} : { hostSocketPath: hostPath }),
    threads: listThreads(pid),
  };
}

function keyOf(pid: number, startTime: number): string {
  return `${pid}-${startTime}`;
}
