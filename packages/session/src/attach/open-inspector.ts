import { type FoundInspector, probeInspector } from './inspector-client.ts';
import { findPortHolder, isPortFree } from './inspector-port.ts';
import { findBlockingCall } from './blocked.ts';
import { type Listener, listenersOf, listListeners } from './listen-ports.ts';
import type { AttachNote } from './note.ts';
import { listThreads, readStatus } from './proc.ts';
import type { AttachProgress } from './progress.ts';
import { refusals } from './refusals.ts';
import { checkState, type Target } from './target.ts';

const probeMs = 500;
// A loaded machine may take seconds to run the target's signal thread at all.
const openWaitMs = 6000;

/**
 * Finds an inspector that is open already, under --inspect for example.
 *
 * Only sockets that are likely to be one are asked, since others are the program's own servers:
 * those on the port where it would be; all of them only when one must be open somewhere: under
 * --inspect, when a thread of the inspector is running (Node 24 and later name it), or when one
 * was opened for an attach and may not be closed yet.
 */
export async function findOpenInspector(
  target: Target,
  note: AttachNote,
): Promise<FoundInspector | undefined> {
  const isAnyLikely =
    target.opensInspectorAtStart ||
    note.mustStay ||
    listThreads(target.pid).some(({ name }) => name === 'InspectorIo');
  const isWanted = ({ port }: Listener): boolean => port === target.inspectorAddress.port;
  // An inspector of --inspect is older than any server of the program, and inodes count upwards.
  const likely = listenersOf(
    target.pid,
    listListeners().filter(
      (listener) =>
        !note.listenersBefore.has(listener.inode) && (isAnyLikely || isWanted(listener)),
    ),
  ).toSorted((a, b) => Number(isWanted(b)) - Number(isWanted(a)) || a.inode - b.inode);
  for (const listener of likely) {
    const inspector = await probeInspector(listener, probeMs);
    if (inspector !== undefined) return inspector;
  }
  return undefined;
}

/**
 * Signals the process and waits for its inspector. Only sockets that listen since the signal are
 * asked; the program's own servers never see a request of ours.
 */
export async function openInspector(
  target: Target,
  progress: AttachProgress,
  note: AttachNote,
): Promise<FoundInspector> {
  const { pid } = target;
  // Where an earlier attach was killed just after its signal, the inspector may be opening now.
  const asked = new Set(note.isLeftOver ? [] : listListeners().map(({ inode }) => inode));
  note.listenersBefore = new Set(asked);
  signal(target, progress, note);
  await progress.enter('wait for the inspector');
  const end = performance.now() + openWaitMs;
  let hasWaited = false;
  for (;;) {
    const fresh = await progress.poll(
      () => {
        hasWaited ||= readStatus(pid)?.state === 'S';
        return freshListener(pid, asked);
      },
      Math.max(0, end - performance.now()),
    );
    // Still open to be asked again when it is where the inspector would be and was only slow.
    const inspector = fresh && (await probeInspector(fresh, progress.remainingMs(probeMs)));
    if (inspector !== undefined) return inspector;
    if (fresh !== undefined) {
      if (fresh.port !== target.inspectorAddress.port) asked.add(fresh.inode);
      progress.check();
    }
    if (performance.now() < end) continue;
    if (fresh !== undefined) throw refusals.inspector(pid, fresh.port, 'no answer to /json/list');
    checkState(pid);
    // A thread that was never seen to wait has not looked at the signal yet: keep waiting, since
    // the inspector will open and somebody should close it.
    if (hasWaited && findBlockingCall(pid) === undefined) break;
    const isStillBusy =
      ' SIGUSR1 is pending: its main thread is busy in native code, or the program handles the signal itself.';
    await progress.poll(() => freshListener(pid, asked), undefined, isStillBusy);
  }
  throw await explainSilence(target, note);
}

function signal(target: Target, progress: AttachProgress, note: AttachNote): void {
  progress.check();
  // The last look: without a handler the signal would end the process.
  if (readStatus(target.pid)?.catchesSigusr1 !== true) {
    progress.check();
    throw refusals.signalDisabled(target.pid);
  }
  try {
    process.kill(target.pid, 'SIGUSR1');
    note.mustStay = true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'ESRCH'
      ? refusals.noProcess(target.pid, progress.step, error)
      : refusals.permission(target.pid, target.uid, `kill: ${code}`);
  }
}

function freshListener(pid: number, asked: ReadonlySet<number>): Listener | undefined {
  return listenersOf(
    pid,
    listListeners().filter(({ inode }) => !asked.has(inode)),
  )[0];
}

async function explainSilence(target: Target, note: AttachNote): Promise<Error> {
  const { pid, inspectorAddress } = target;
  // Node looks at the port once, when the signal comes; it does not open the inspector later.
  note.mustStay = false;
  return (await isPortFree(inspectorAddress))
    ? refusals.signalHandled(pid, openWaitMs)
    : refusals.portBusy(pid, inspectorAddress.port, findPortHolder(inspectorAddress), true);
}
