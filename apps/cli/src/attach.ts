import { setTimeout as delay } from 'node:timers/promises';
import { ExtensionEventError } from '@extension-events/core';
import {
  type AttachSettings,
  checkAttach,
  type Connection,
  openSession,
  type Session,
} from '@extension-events/session';
import { isCoded, say } from './output.ts';
import { producerSources } from './plugins.ts';
import { StartedCommand } from './started-command.ts';
import type { TargetChoice } from './target.ts';

/** A connected target. */
export interface Attached {
  readonly connection: Connection;
  /** The program, when this command started it. */
  readonly command: StartedCommand | undefined;
  /** Disconnects, and ends the program when this command started it. */
  close(): Promise<void>;
}

/** How to attach. */
export interface AttachRequest extends Pick<AttachSettings, 'grants'> {
  /** Name of the consumer. */
  readonly name: string;
  readonly signal: AbortSignal;
  /** For a program that is started: how long it waits for its first listener. */
  readonly waitMs: number;
  readonly hasInput: boolean;
}

const appearMs = 10_000;
const neverMs = 2_147_483_647;
/** A wrapper that becomes Node has done so by then. */
const wrapperMs = 4000;

/** Attaches to a running process, or starts a command with the agent preloaded, and loads all producers. */
export async function attachTo(target: TargetChoice, request: AttachRequest): Promise<Attached> {
  const { grants, hasInput, name, signal, waitMs } = request;
  const session = await openSession({
    name,
    lookMs: neverMs, // one process is of interest, and it is known
    producers: producerSources(),
    onProducerRefused: (id, pid, error) =>
      say(
        `producer ${id} is not loaded into process ${pid}: ${error.code}: ${error.message}\nhint: ${error.hint}`,
      ),
  });
  let command: StartedCommand | undefined;
  const close = async (): Promise<void> => {
    await session.close();
    if (command?.isRunning === true)
      say(`ending process ${command.pid} (${command.name}), which this command started`);
    await command?.end();
  };
  try {
    const settings = { signal, log: say, ...(grants === undefined ? {} : { grants }) };
    if ('pid' in target) {
      return { connection: await session.attach(target.pid, settings), command, close };
    }
    command = await StartedCommand.start(target.command, { waitMs, hasInput });
    return { connection: await connectToCommand(session, command, settings), command, close };
  } catch (error) {
    await close();
    throw error;
  }
}

// Waits for the preloaded agent's socket, for as long as that can still come.
async function connectToCommand(
  session: Session,
  command: StartedCommand,
  settings: AttachSettings & { readonly signal: AbortSignal },
): Promise<Connection> {
  const { name, pid } = command;
  const over = new AbortController();
  const ended = command.ended.then((how) => {
    throw new ExtensionEventError('EE_COMMAND_ENDED', `${name} (process ${pid}) ${how} before anybody could listen to it.`, 'Run it by itself to see why; only Node.js programs load the agent.'); // prettier-ignore
  });
  const stranger = delay(wrapperMs, undefined, { signal: over.signal }).then(() => {
    if (isForeign(pid))
      throw new ExtensionEventError('EE_COMMAND_NOT_NODE', `${name} (process ${pid}) is no Node.js program.`, 'Give the node command itself, as in -- node app.js; or start the program and attach to the pid that extev ls shows.'); // prettier-ignore
    return new Promise<never>(() => undefined);
  });
  const aborted = new Promise<never>((_, reject) => {
    const { signal } = settings;
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  const connected = session.attachPreloaded(pid, { timeoutMs: appearMs, ...settings });
  const outcomes = [connected, ended, stranger, aborted];
  for (const outcome of outcomes) outcome.catch(() => undefined);
  try {
    return await Promise.race(outcomes);
  } catch (error) {
    // That the process is gone is seen in several ways; why it ended is what the user wants.
    if (isCoded(error) && error.code === 'EE_NO_PROCESS') return await ended;
    throw error;
  } finally {
    over.abort();
  }
}

function isForeign(pid: number): boolean {
  try {
    checkAttach(pid);
    return false;
  } catch (error) {
    return isCoded(error) && error.code === 'EE_NOT_NODE';
  }
}
