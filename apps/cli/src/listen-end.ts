import { setTimeout as delay } from 'node:timers/promises';
import { ExtensionEventError } from '@extension-events/core';
import type { TargetConnection } from '@extension-events/session';
import { exitCode } from './exit-codes.ts';
import { say } from './output.ts';
import { findRunning, isRunning, type ProcessHandle } from './processes.ts';
import type { StartedCommand } from './started-command.ts';

const dyingMs = 2000;
const lookMs = 10;

/**
 * Says how a connection that this side did not close came to its end.
 *
 * @param stopped - somebody does not want to wait for a script any longer, with the exit code for that
 * @returns the exit code: the end of the program is a success, Ctrl-C at its terminal is one here too
 * @throws ExtensionEventError `EE_CONNECTION_LOST` when the process goes on without its agent; what the agent said against us
 */
export async function tellEnd(
  { ended, hello, pid }: TargetConnection,
  command: StartedCommand | undefined,
  stopped: Promise<number> = new Promise(() => undefined),
): Promise<number> {
  const { bye, error } = await ended;
  if (error !== undefined) throw error;
  if (bye?.error !== undefined) {
    const { code, hint, message } = bye.error;
    throw new ExtensionEventError(code, message, hint);
  }
  if (bye?.exitCode === undefined) await waitForEnd(pid, findRunning(pid));
  if (command !== undefined && command.pid !== pid) {
    // A child of a script: that goes on, and ends by itself.
    say(`process ${pid} ${bye?.exitCode === undefined ? 'was killed; its last events may be missing' : `exited with status ${bye.exitCode}`}`); // prettier-ignore
    if (command.isRunning) say(`${command.name} goes on; what it starts now is not heard`);
    const how = await Promise.race([command.ended, stopped]);
    if (typeof how === 'number') return how;
    say(`${command.name} (process ${command.pid}) ${how}`);
    return command.wasInterrupted ? exitCode.interrupted : exitCode.ok;
  }
  if (command !== undefined) {
    const how = await Promise.race([command.ended, delay(dyingMs, 'is about to exit', { ref: false })]); // prettier-ignore
    // Without a goodbye its agent had no time to hand over the rest.
    const isCut = bye === undefined && hello.role === 'agent';
    say(`${command.name} (process ${pid}) ${how}${isCut ? '; its last events may be missing' : ''}`); // prettier-ignore
    return command.wasInterrupted ? exitCode.interrupted : exitCode.ok;
  }
  // From outside nobody but its parent learns how a process ended; its events are complete.
  if (hello.role === 'host') say(`process ${pid} has ended`);
  else if (bye?.exitCode === undefined)
    say(`process ${pid} was killed; its last events may be missing`);
  else say(`process ${pid} exited with status ${bye.exitCode}`);
  return exitCode.ok;
}

/** Resolves with the exit code when the user wants a command to end, or its time is over. */
export function whenStopped(interrupted: Promise<unknown>, timeoutMs: number | undefined): Promise<number> {
  const pressed = interrupted.then(() => exitCode.interrupted);
  if (timeoutMs === undefined) return pressed;
  return Promise.race([pressed, delay(timeoutMs, exitCode.timeout, { ref: false })]);
} // prettier-ignore

// The socket of a killed process closes a moment before the process is gone.
async function waitForEnd(pid: number, handle: ProcessHandle | undefined): Promise<void> {
  if (handle === undefined) return;
  const deadline = performance.now() + dyingMs;
  while (isRunning(handle)) {
    if (performance.now() > deadline)
      throw new ExtensionEventError('EE_CONNECTION_LOST', `The agent of process ${pid} ended; the process itself goes on.`, 'Listen again: a new agent will be started.'); // prettier-ignore
    await delay(lookMs);
  }
}
