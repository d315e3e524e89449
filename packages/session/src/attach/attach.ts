import { checkSocketDirectory, socketPath } from '@extension-events/protocol';
import { type AgentSocket, acceptsConnections } from './agent-socket.ts';
import { injectAgent } from './inject.ts';
import { hasAttachNote } from './note.ts';
import { AttachProgress, type ProgressOptions } from './progress.ts';
import { refusals } from './refusals.ts';
import { checkAgentFile, examine, findProcess } from './target.ts';

/** How to attach. */
export interface AttachOptions {
  /** Path of the built agent thread; it is loaded inside the process. */
  readonly agentThreadFile: string;
  /** Limit for everything together, in milliseconds; 10 000 when left out. */
  readonly timeoutMs?: number;
  /** Takes one line for each thing that is done to the process. */
  readonly log?: (line: string) => void;
  /** Gives the attach up; what was opened in the process is closed first. */
  readonly signal?: AbortSignal;
  /** @internal */
  readonly onStep?: ProgressOptions['onStep'];
}

/** An agent that answers. */
export interface AttachResult {
  readonly socketPath: string;
  /** False when the process had an agent already and was not touched. */
  readonly injected: boolean;
}

const defaultTimeoutMs = 10_000;

/**
 * Finds the agent of a running process, or starts one in it.
 *
 * A process with an agent is not touched. Another Node process gets SIGUSR1, opens its inspector on
 * a loopback port for about a tenth of a second, and prints Node's own lines about that on stderr; nothing else in
 * it changes. A process under --inspect is not signalled and keeps its inspector. Everything else is
 * refused with a code and a remedy, before anything was done where that can be known.
 *
 * @throws ExtensionEventError a code of `attachErrorCodes`, or `EE_SOCKET_DIR`
 */
export async function attachAgent(pid: number, options: AttachOptions): Promise<AttachResult> {
  const { startTime, status } = findProcess(pid);
  const uid = status.effectiveUid;
  const socket: AgentSocket = {
    pid,
    startTime,
    role: 'agent',
    uid,
    path: socketPath({ pid, startTime }, uid),
  };
  const progress = new AttachProgress(pid, {
    timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
    signal: options.signal,
    onStep: options.onStep,
  });
  try {
    await progress.enter('look for a running agent');
    const isAttached =
      checkSocketDirectory(uid) !== undefined && (await acceptsConnections(socket));
    // With a note, another attach is about to end, or was killed and left the inspector open.
    if (isAttached && !hasAttachNote(socket, uid)) {
      return { socketPath: socket.path, injected: false };
    }
    if (pid === process.pid) throw refusals.self(pid);
    await progress.enter('look at the process');
    const target = examine(pid, startTime, status);
    checkAgentFile(target, status, options.agentThreadFile);
    const injected = await injectAgent(target, socket, progress, {
      agentThreadFile: options.agentThreadFile,
      log: options.log ?? (() => undefined),
    });
    return { socketPath: socket.path, injected };
  } catch (error) {
    // Whatever went wrong at that moment, the end of the process is what the user wants to know.
    const { code } = error as { code?: unknown };
    if (code === 'EE_NO_PROCESS' || code === 'EE_ATTACH_ABORTED' || progress.isAlive()) throw error;
    throw refusals.noProcess(pid, progress.step, error);
  }
}
