import type { CdpSession } from '@extension-events/platform-v8';
import type { AgentSocket } from './agent-socket.ts';
import { type BootstrapResult, bootstrapSource, type BootstrapValues } from './bootstrap.ts';
import { closeInspector, connectInspector, type FoundInspector } from './inspector-client.ts';
import { findPortHolder, isPortFree } from './inspector-port.ts';
import type { AttachNote } from './note.ts';
import { findOpenInspector, openInspector } from './open-inspector.ts';
import { type AttachProgress, delay } from './progress.ts';
import { refusals } from './refusals.ts';
import { type Target, waitUntilSignalable } from './target.ts';

const blockedWaitMs = 5000;
const closeWaitMs = 1000;
const bornPauseMs = 20;
const dyingMs = 500;
const busy =
  ' Its main thread runs no JavaScript: it may be inside a synchronous call such as execFileSync.';

/** What to start. */
export interface StartOptions {
  readonly agentThreadFile: string;
  readonly log: (line: string) => void;
  /** Start another agent although the process remembers one. */
  readonly isReplacing: boolean;
}

/**
 * Goes through the window in which the inspector is open: opens it (unless it is open), starts the
 * agent thread, closes it (if it is ours) and makes sure of that.
 *
 * @returns `already` when the process remembers an agent and none was started.
 */
export async function startAgent(
  target: Target,
  socket: AgentSocket,
  progress: AttachProgress,
  note: AttachNote,
  options: StartOptions,
): Promise<'started' | 'already'> {
  const open = await findOpenInspector(target, note);
  const isOurs = open === undefined || note.isLeftOver;
  if (open !== undefined) {
    const whose = isOurs ? ', left open by an earlier attach' : '';
    options.log(`using the inspector that is open on port ${open.listener.port}${whose}`);
  }
  let inspector: FoundInspector;
  let session: CdpSession;
  try {
    inspector = open ?? (await openNow(target, progress, note, options.log));
    session = await connect(inspector, target, progress);
  } catch (error) {
    if (isOurs && note.mustStay) await closeLate(target, progress, note);
    throw error;
  }
  let result: 'started' | 'already';
  try {
    await progress.enter('start the agent thread');
    result = await evaluate(session, progress, {
      agentThreadFile: options.agentThreadFile,
      workerData: {
        socketPath: socket.path,
        uid: target.uid,
        pid: target.pid,
        startTime: target.startTime,
      },
      noteFile: note.path,
      isReplacing: options.isReplacing,
      // Only where opening is known to have changed it: 0 became the port that was found.
      debugPort: isOurs && target.inspectorAddress.port === 0 ? 0 : undefined,
      isInspectorOurs: isOurs,
    });
    await progress.enter('close the inspector');
  } finally {
    // Also when the caller gave up: what was opened is closed, in a time of its own.
    if (!isOurs) session.close();
    else if (await closeInspector(inspector, session, progress, closeWaitMs)) note.mustStay = false;
  }
  if (note.mustStay) throw refusals.portOpen(target.pid, inspector.listener.port);
  return result;
}

/** Closes what an attacher left open that was killed after its agent had started. */
export async function closeLeftOver(
  target: Target,
  progress: AttachProgress,
  note: AttachNote,
): Promise<void> {
  const inspector = await findOpenInspector(target, note);
  note.mustStay = false;
  if (inspector === undefined) return;
  const session = await connect(inspector, target, progress);
  await progress.enter('close the inspector');
  note.mustStay = !(await closeInspector(inspector, session, progress, closeWaitMs));
}

// The caller gave up, or the time was over, after the signal: the inspector is open or just opening.
async function closeLate(
  target: Target,
  progress: AttachProgress,
  note: AttachNote,
): Promise<void> {
  const end = performance.now() + closeWaitMs;
  while (progress.isAlive() && performance.now() < end) {
    const inspector = await findOpenInspector(target, note);
    if (inspector !== undefined) {
      const session = await connectInspector(inspector, closeWaitMs).catch(() => undefined);
      if (session === undefined) return;
      note.mustStay = !(await closeInspector(inspector, session, progress, closeWaitMs));
      return;
    }
    await delay(bornPauseMs);
  }
}

async function openNow(
  target: Target,
  progress: AttachProgress,
  note: AttachNote,
  log: (line: string) => void,
): Promise<FoundInspector> {
  const { pid, inspectorAddress } = target;
  if (!(await isPortFree(inspectorAddress))) {
    throw refusals.portBusy(pid, inspectorAddress.port, findPortHolder(inspectorAddress));
  }
  await progress.enter('signal');
  await waitUntilSignalable(target, progress, Math.min(blockedWaitMs, progress.timeoutMs / 2));
  log(`sending SIGUSR1 to process ${pid}; its inspector opens for a moment`);
  return openInspector(target, progress, note);
}

async function connect(
  inspector: FoundInspector,
  target: Target,
  progress: AttachProgress,
): Promise<CdpSession> {
  await progress.enter('connect to the inspector');
  try {
    return await connectInspector(inspector, progress.remainingMs());
  } catch (error) {
    progress.check();
    throw refusals.inspector(target.pid, inspector.listener.port, error);
  }
}

async function evaluate(
  session: CdpSession,
  progress: AttachProgress,
  values: BootstrapValues,
): Promise<'started' | 'already'> {
  const parameters = {
    expression: bootstrapSource(values),
    returnByValue: true,
    silent: true,
  };
  for (;;) {
    const result = await ask(session, progress, parameters, values.workerData.pid);
    if (result.state === 'started' || result.state === 'already') return result.state;
    if (result.state === 'refused') throw refusals.refused(progress.pid, result.message);
    if (result.state === 'incomplete' && isTooOld(result.version))
      throw refusals.tooOld(progress.pid, result.version);
    await delay(bornPauseMs);
    progress.check();
  }
}

async function ask(
  session: CdpSession,
  progress: AttachProgress,
  parameters: { expression: string; returnByValue: boolean; silent: boolean },
  pid: number,
): Promise<BootstrapResult> {
  try {
    const answer = await progress.within(session.post('Runtime.evaluate', parameters), busy);
    return answer.result.value as BootstrapResult;
  } catch (error) {
    if ((error as { code?: string }).code?.startsWith('EE_V8_') !== true) throw error;
    // The connection broke: the process is about to end, or somebody closed its inspector.
    await progress.poll(() => !progress.isAlive(), dyingMs);
    throw refusals.refused(pid, `its inspector closed the connection (${String(error)})`);
  }
}

/** Without process.getBuiltinModule for good; a process just born gets it in a moment. */
export function isTooOld(version: string): boolean {
  const match = /^v(\d+)\.(\d+)\./.exec(version);
  if (match === null) return false;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major < 20 || (major === 20 && minor < 16) || major === 21 || (major === 22 && minor < 3);
}
