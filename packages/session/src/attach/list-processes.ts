import { basename } from 'node:path';
import { acceptsConnections, listAgentSockets } from './agent-socket.ts';
import { hasNodeName, isNodeProcess, versionFromPath } from './node-binary.ts';
import { parseNodeCommandLine } from './node-command-line.ts';
import {
  listPids,
  listThreads,
  readCommandLine,
  readComm,
  readExe,
  readLiveStartTime,
  readStatus,
} from './proc.ts';

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
  /** `attached`: a socket answers. `none`: a Node process that could be attached to. */
  readonly agent: 'attached' | 'none';
  /** Set when attached. */
  readonly socketPath?: string;
  readonly threads: readonly { readonly tid: number; readonly name: string }[];
}

/**
 * Lists the processes of this user (root: of everybody) that have an agent, and the Node processes
 * that have none. Looks only: nothing is signalled or injected. Stale socket files are removed.
 */
export async function listProcesses(): Promise<ProcessEntry[]> {
  const attached = new Map<string, string>();
  await Promise.all(
    listAgentSockets().map(async (socket) => {
      if (await acceptsConnections(socket)) {
        attached.set(keyOf(socket.pid, socket.startTime), socket.path);
      }
    }),
  );
  const entries: ProcessEntry[] = [];
  for (const pid of listPids()) {
    const entry = describeProcess(pid, attached);
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}

function describeProcess(
  pid: number,
  attached: ReadonlyMap<string, string>,
): ProcessEntry | undefined {
  const startTime = readLiveStartTime(pid);
  const status = readStatus(pid);
  if (startTime === undefined || status === undefined) return undefined;
  const own = process.geteuid?.();
  if (own !== 0 && own !== status.effectiveUid) return undefined;
  const exe = readExe(pid).path;
  // Reading whole programs in search of Node is for those that could be: Node catches SIGUSR1.
  const isNode =
    exe !== undefined && (hasNodeName(exe) || (status.catchesSigusr1 && isNodeProcess(pid, exe)));
  const path = attached.get(keyOf(pid, startTime));
  if (exe === undefined || (!isNode && path === undefined)) return undefined;
  return {
    pid,
    startTime,
    uid: status.effectiveUid,
    name: nameOf(pid, isNode),
    runtime: isNode ? runtimeOf(exe) : basename(exe),
    agent: path === undefined ? 'none' : 'attached',
    ...(path === undefined ? {} : { socketPath: path }),
    threads: listThreads(pid),
  };
}

function runtimeOf(exe: string): string {
  const version = versionFromPath(exe);
  return version === undefined ? 'node' : `node ${version}`;
}

function nameOf(pid: number, isNode: boolean): string {
  if (!isNode) return readComm(pid);
  const words = readCommandLine(pid);
  const { script } = parseNodeCommandLine(words);
  if (script !== undefined && basename(script) !== '') return basename(script);
  // A program that set process.title wrote it over its arguments, as one word.
  const title = (words[0] ?? '').trim();
  return title === '' || hasNodeName(title) ? readComm(pid) : title;
}

function keyOf(pid: number, startTime: number): string {
  return `${pid}-${startTime}`;
}
