import { setTimeout as delay } from 'node:timers/promises';
import type { Candidate } from './candidates.ts';
import type { Debuggee } from './debuggee.ts';
import { debuggerError, describeError } from './errors.ts';
import type { Connection, ConnectionEnd, StopFrame } from './internal-types.ts';
import { describeEvent } from './show-stop.ts';
import type { BoardChange } from './stop-board.ts';
import type { Transcript } from './transcript.ts';

/** `[no hot-spot yet; the nearest: parse at src/a.ts:3 took 4.1 % …; to stop there: catch …]`. */
export async function tellCandidate(
  debuggee: Debuggee,
  transcript: Transcript,
  { catchpoint, payload, command }: Candidate,
): Promise<void> {
  const event = `${catchpoint.pattern}.candidate`;
  const said = await describeEvent(debuggee, event, payload).catch(() => '');
  const nearest = said === '' ? '' : `; the nearest: ${said}`;
  const advice = command === undefined ? '' : `; to stop there: ${command}`;
  transcript.notice(`no ${catchpoint.pattern} yet${nearest}${advice}`);
}

// The socket of a killed process closes a moment before the process is gone.
const dyingMs = 2000;
const lookMs = 10;

/** Says how the process or the connection ended; resolves to the debugger's exit code. */
export async function tellEnd(
  connection: Connection,
  end: ConnectionEnd,
  transcript: Transcript,
  isAlive: (pid: number) => boolean,
  exitCode?: number,
): Promise<number> {
  const { pid } = connection;
  const { bye } = end;
  if (bye?.reason === 'exit') {
    const known = bye.exitCode ?? exitCode;
    const code = known === undefined ? '' : ` with code ${known}`;
    transcript.notice(`process ${pid} exited${code}`);
    return 0;
  }
  // An agent that said why it leaves is not the process that ends.
  const deadline = performance.now() + (bye === undefined ? dyingMs : 0);
  while (isAlive(pid) && performance.now() < deadline) await delay(lookMs);
  if (!isAlive(pid)) {
    transcript.notice(`process ${pid} has ended`);
    return 0;
  }
  const error =
    bye?.error ??
    debuggerError(
      'EE_TARGET_LOST',
      `The connection to process ${pid} has ended; the process goes on.`,
      'Attach again.',
    );
  transcript.write(...describeError(error).split('\n'));
  return 1;
}

const resumers: Readonly<Record<NonNullable<StopFrame['resumedBy']>, string>> = {
  continue: 'another debugger that holds it too steps it',
  foreign: 'another inspector resumed it',
  timeout: 'it was held for too long',
  watchdog: 'nobody held it any more',
};

/** What happens to threads beside the user's own commands, in a line; `undefined` when it is no news. */
export function tellChange(debuggee: Debuggee, change: BoardChange): string | undefined {
  switch (change.type) {
    case 'resumed':
      return `thread ${debuggee.nameThread(change.thread)} runs again: ${resumers[change.by]}`;
    case 'foreign-hold': {
      const by = (change.frame.holders ?? []).join(', ');
      const thread = debuggee.nameThread(change.frame.thread);
      return `thread ${thread} is held by ${by === '' ? 'another debugger' : by}`;
    }
    case 'ended':
      return debuggee.selectedThread === change.thread.key
        ? `thread ${debuggee.nameThread(change.thread.key)} has ended`
        : undefined;
    case 'stopped':
      if (change.stop.isLed) {
        return `thread ${debuggee.nameThread(change.stop.thread)} was stepped by another debugger`;
      }
      return change.stop.cause.type === 'foreign'
        ? `thread ${debuggee.nameThread(change.stop.thread)} was stopped by another inspector, which must resume it`
        : undefined;
    case 'stale':
      return undefined;
    default:
      return change satisfies never;
  }
}
