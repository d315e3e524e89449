import { ExtensionEventError } from '@extension-events/core';
import type { AttachErrorCode } from './errors.ts';
import type { AttachStep } from './progress.ts';

// Every way in which an attach can say no, in one place, so that messages keep one voice and each
// of them names what was seen and what to do next.

const preload =
  'start it with the agent instead: node --import @extension-events/agent/register app.js';

/** Who holds a port. */
export interface PortHolder {
  readonly pid: number;
  readonly name: string;
}

function refuse(
  code: AttachErrorCode | 'EE_SOCKET_DIR',
  message: string,
  hint: string,
  cause?: unknown,
): ExtensionEventError {
  return new ExtensionEventError(code, message, hint, cause === undefined ? undefined : { cause });
}

export const refusals = {
  noProcess: (pid: number, during?: AttachStep, cause?: unknown): ExtensionEventError =>
    refuse(
      'EE_NO_PROCESS',
      during === undefined
        ? `There is no process ${pid}.`
        : `Process ${pid} ended during the attach (step: ${during}).`,
      'extev ls shows what is running',
      cause,
    ),
  zombie: (pid: number): ExtensionEventError =>
    refuse(
      'EE_NO_PROCESS',
      `Process ${pid} has ended; its parent has not collected it yet.`,
      'extev ls shows what is running',
    ),
  isThread: (tid: number, pid: number): ExtensionEventError =>
    refuse(
      'EE_NO_PROCESS',
      `${tid} is a thread of process ${pid}, not a process.`,
      `use ${pid}; threads are chosen after the attach`,
    ),
  notNode: (pid: number, exe: string | undefined): ExtensionEventError =>
    exe === undefined
      ? refuse(
          'EE_NOT_NODE',
          `Process ${pid} is a kernel thread, not Node.js.`,
          'extev ls shows the Node.js processes',
        )
      : refuse(
          'EE_NOT_NODE',
          `Process ${pid} does not run Node.js; it runs ${exe}.`,
          'extev ls shows the Node.js processes; if Node.js is one of its children, attach to that',
        ),
  tooOld: (pid: number, version: string): ExtensionEventError =>
    refuse(
      'EE_NODE_TOO_OLD',
      `Process ${pid} runs Node.js ${version}, which has no process.getBuiltinModule.`,
      'run the program with Node.js 20.19 or later',
    ),
  otherNamespace: (pid: number, kinds: readonly string[]): ExtensionEventError =>
    refuse(
      'EE_OTHER_NAMESPACE',
      `Process ${pid} has another ${kinds.join(', ')} than this one: a container or a sandbox.`,
      `run extev inside the same container, or ${preload}`,
    ),
  self: (pid: number): ExtensionEventError =>
    refuse(
      'EE_ATTACH_SELF',
      `${pid} is this very process.`,
      'use localSession() to listen inside the own process',
    ),
  permission: (pid: number, uid: number | undefined, what: string): ExtensionEventError =>
    refuse(
      'EE_ATTACH_PERMISSION',
      uid === undefined || uid === process.geteuid?.()
        ? `This user may not look into process ${pid}: ${what}.`
        : `Process ${pid} belongs to uid ${uid}, and this is uid ${process.geteuid?.()}: ${what}.`,
      'run the same command as that user or as root (sudo)',
    ),
  stopped: (pid: number): ExtensionEventError =>
    refuse(
      'EE_ATTACH_STOPPED',
      `Process ${pid} is stopped by a signal and cannot answer.`,
      `let it run: kill -CONT ${pid}`,
    ),
  traced: (pid: number, tracer: number): ExtensionEventError =>
    refuse(
      'EE_ATTACH_STOPPED',
      `Process ${pid} is held by its tracer, process ${tracer}.`,
      'let it run in that debugger, or leave the debugger',
    ),
  blocked: (pid: number, call: string, waitedMs: number): ExtensionEventError =>
    refuse(
      'EE_ATTACH_BLOCKED',
      `The main thread of process ${pid} has been inside ${call} for at least ${waitedMs} ms; nothing can run in it until the call returns. It was not signalled.`,
      `try again when the call is over, or ${preload}`,
    ),
  locked: (pid: number, waitedMs: number): ExtensionEventError =>
    refuse(
      'EE_ATTACH_LOCKED',
      `Process ${pid} was not touched: other attaches on this machine held the lock for ${waitedMs} ms.`,
      'try again; ss -xl | grep extension-events-attach shows who holds it',
    ),
  noNote: (pid: number, directory: string, why: string, cause: unknown): ExtensionEventError =>
    refuse(
      'EE_SOCKET_DIR',
      `Process ${pid} was not touched, since nothing can be written in ${directory}: ${why}.`,
      'make room on that file system, or let it be written by the user of the process',
      cause,
    ),
  signalDisabled: (pid: number): ExtensionEventError =>
    refuse(
      'EE_ATTACH_SIGUSR1_DISABLED',
      `Process ${pid} does not catch SIGUSR1 (--disable-sigusr1, or the permission model); it was not signalled.`,
      preload,
    ),
  publishesNowhere: (pid: number): ExtensionEventError =>
    refuse(
      'EE_ATTACH_REFUSED',
      `Process ${pid} runs with --inspect-publish-uid without http: its inspector could be opened but neither found nor closed. It was not signalled.`,
      preload,
    ),
  signalHandled: (pid: number, waitedMs: number): ExtensionEventError =>
    refuse(
      'EE_ATTACH_SIGUSR1_HANDLED',
      `Process ${pid} got SIGUSR1 and opened no inspector within ${waitedMs} ms: the program handles SIGUSR1 itself, and its handler did run (or its inspector is open already, on a port chosen at run time).`,
      preload,
    ),
  portBusy: (
    pid: number,
    port: number,
    holder: PortHolder | undefined,
    signalled = false,
  ): ExtensionEventError => {
    const by =
      holder === undefined
        ? 'a process that this user cannot see'
        : holder.pid === pid
          ? 'the program itself, for something else'
          : `process ${holder.pid} (${holder.name})`;
    return refuse(
      'EE_ATTACH_PORT_BUSY',
      `Process ${pid} would open its inspector on port ${port}, which is held by ${by}. It was ${signalled ? '' : 'not '}signalled.`,
      `free the port for a moment, start the program with --inspect-port=0, or ${preload}`,
    );
  },
  inspector: (pid: number, port: number, cause: unknown): ExtensionEventError =>
    refuse(
      'EE_ATTACH_INSPECTOR',
      `Process ${pid} opened its inspector on port ${port}, but it did not answer: ${textOf(cause)}`,
      'try again; the next attach closes what this one left open',
      cause,
    ),
  refused: (pid: number, said: string): ExtensionEventError =>
    refuse(
      'EE_ATTACH_REFUSED',
      `Process ${pid} refused to start the agent thread: ${said}`,
      /ERR_ACCESS_DENIED|permission/i.test(said)
        ? 'its permission model forbids it: start it with --allow-worker and read access to the agent'
        : preload,
    ),
  agentFailed: (pid: number, said: string): ExtensionEventError =>
    refuse(
      'EE_ATTACH_REFUSED',
      `The agent thread of process ${pid} ended before it was ready: ${said}`,
      'remedy what the message names, then attach again; the program itself goes on unharmed',
    ),
  agent: (pid: number, waitedMs: number): ExtensionEventError =>
    refuse(
      'EE_ATTACH_AGENT',
      `The agent thread of process ${pid} was started, but its socket did not accept a connection within ${waitedMs} ms.`,
      'a machine under heavy load may need more time; otherwise look at what the process prints',
    ),
  agentFile: (pid: number, file: string, why: string): ExtensionEventError =>
    refuse(
      'EE_ATTACH_AGENT_FILE',
      `Process ${pid} could not load the agent thread from ${file}: ${why}.`,
      'install extension-events where the user of that process can read it',
    ),
  portOpen: (pid: number, port: number): ExtensionEventError =>
    refuse(
      'EE_ATTACH_PORT_OPEN',
      `The agent runs in process ${pid}, but the inspector on port ${port} is still open: the main thread did not get round to closing it.`,
      'attach again when the program is responsive; that closes it',
    ),
  timeout: (pid: number, step: AttachStep, timeoutMs: number, detail = ''): ExtensionEventError =>
    refuse(
      'EE_ATTACH_TIMEOUT',
      `The attach to process ${pid} was not done within ${timeoutMs} ms (step: ${step}).${detail}`,
      'allow more time, or try again when the program is less busy',
    ),
  aborted: (pid: number, step: AttachStep, cause: unknown): ExtensionEventError =>
    refuse(
      'EE_ATTACH_ABORTED',
      `The attach to process ${pid} was given up by the caller (step: ${step}).`,
      'attach again',
      cause,
    ),
} as const;

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
