import type { Session } from '@extension-events/session';
import { connectToCommand } from './attach.ts';
import { say } from './output.ts';
import { StartedCommand } from './started-command.ts';
import type { TargetChoice } from './target.ts';

/** The process that a watcher was started for. */
export interface WatchTarget extends AsyncDisposable {
  readonly pid: number;
}

/** A page is looked at by a person, who will not be ready first: a program does not wait for it. */
const waitMs = 0;

/**
 * Attaches to a process, or starts a command and attaches to that; a command is ended with the
 * watcher, and its own end is told.
 */
export async function openWatchTarget(
  session: Session,
  target: TargetChoice,
  signal: AbortSignal,
): Promise<WatchTarget> {
  if ('pid' in target) {
    await session.open(target.pid, { signal, log: say });
    return { pid: target.pid, [Symbol.asyncDispose]: async () => undefined };
  }
  const command = await StartedCommand.start(target.command, { waitMs, hasInput: true });
  const { pid } = command;
  const end = async (): Promise<void> => {
    if (command.isRunning)
      say(`ending process ${pid} (${command.name}), which this command started`);
    await command.end();
  };
  try {
    await (command.isNative
      ? session.open(pid, { signal, sides: 'host' })
      : connectToCommand(session, command, { signal, sides: 'auto', log: say }));
    command.begin();
  } catch (error) {
    await end();
    throw error;
  }
  void command.ended.then((how) => signal.aborted || say(`process ${pid} (${command.name}) ${how}; the watcher goes on`)); // prettier-ignore
  return { pid, [Symbol.asyncDispose]: end };
}
