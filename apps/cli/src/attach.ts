import { existsSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { ExtensionEventError } from '@extension-events/core';
import {
  type AttachSettings,
  checkAttach,
  type HostProducerSource,
  openSession,
  type Session,
  type SessionOptions,
  type Sides,
  type TargetConnection,
} from '@extension-events/session';
import { readStartTime, socketPath } from '@extension-events/protocol';
import { isCoded, say, sayError } from './output.ts';
import { findPlugins, agentSources, hostSources, type Plugin } from './plugins.ts';
import { sidesFor } from './sides.ts';
import { StartedCommand } from './started-command.ts';
import type { TargetChoice } from './target.ts';

/** A connected target. */
export interface Attached {
  readonly connection: TargetConnection;
  /** The program, when this command started it. */
  readonly command: StartedCommand | undefined;
  /** All that was to be in force is: a program that this command started may begin. */
  readonly begin: () => void;
  /** Disconnects, and ends the program when this command started it. */
  close(): Promise<void>;
}

/** How to attach. */
export interface AttachRequest extends Pick<AttachSettings, 'grants'> {
  /** Name of the consumer. */
  readonly name: string;
  /** What will be listened to, when it is known: it tells whether the target needs an agent. */
  readonly patterns?: readonly string[];
  readonly signal: AbortSignal;
  /** For a program that is started: how long it waits for its first listener. */
  readonly waitMs: number;
  readonly hasInput: boolean;
}

const appearMs = 10_000;
const neverMs = 2_147_483_647;
/** A wrapper that becomes Node has done so by then. */
const wrapperMs = 4000;
const childMs = 50;
/** A process whose agent has gone is gone by then, or goes on. */
const dyingMs = 2000;

/** The session of one command, with all installed producers. */
export interface ToolSession {
  readonly session: Session;
  readonly plugins: readonly Plugin[];
  readonly hostProducers: readonly HostProducerSource[];
  /** What the producers said that could not be loaded into a process, by their ids. */
  readonly refused: ReadonlyMap<string, ExtensionEventError>;
}

/**
 * Opens a session that looks at processes as often as it is told to: never, when it attaches to one.
 *
 * @param isBare - what the processes post by themselves is enough: no producer is loaded
 */
export async function openToolSession(
  options: Pick<SessionOptions, 'name' | 'lookMs' | 'join' | 'allProcesses'>,
  isBare = false,
): Promise<ToolSession> {
  const plugins = isBare ? [] : findPlugins();
  const hostProducers = await hostSources(say, plugins);
  const refused = new Map<string, ExtensionEventError>();
  const session = await openSession({
    lookMs: neverMs, // one process is of interest, and it is known
    ...options,
    producers: await agentSources(say, plugins),
    hostProducers,
    onProducerRefused: (id, pid, error) => {
      refused.set(id, error);
      // Whoever asks for one of its names is told then; there is no need to tell everybody.
      if (schemesOf(id, plugins).length === 0)
        say(`producer ${id} is not loaded into process ${pid}: ${error.code}: ${error.message}\nhint: ${error.hint}`); // prettier-ignore
    },
  });
  return { session, plugins, hostProducers, refused };
}

/** Attaches to a running process, or starts a command with the agent preloaded, and loads all producers. */
export async function attachTo(target: TargetChoice, request: AttachRequest): Promise<Attached> {
  const tools = await openToolSession({ name: request.name });
  const { session } = tools;
  try {
    const attached = await attachWithin(tools, target, request);
    const close = async (): Promise<void> => {
      await session.close();
      await attached.close();
    };
    return { ...attached, close };
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** The same, for one of several targets of a session. */
export async function attachWithin(
  { hostProducers, plugins, refused, session }: ToolSession,
  target: TargetChoice,
  request: Omit<AttachRequest, 'name'>,
): Promise<Attached> {
  const { grants, hasInput, patterns, signal, waitMs } = request;
  let connection: TargetConnection | undefined;
  let command: StartedCommand | undefined;
  const close = async (): Promise<void> => {
    await connection?.close();
    if (command?.isRunning === true)
      say(`ending process ${command.pid} (${command.name}), which this command started`);
    await command?.end();
  };
  try {
    const sides: Sides = patterns === undefined ? 'auto' : sidesFor(patterns, plugins);
    const settings = { sides, signal, log: say, ...(grants === undefined ? {} : { grants }) };
    if ('pid' in target) connection = await session.open(target.pid, settings);
    else {
      const isNative = sides === 'host' ? { isNative: true } : {};
      command = await StartedCommand.start(target.command, { waitMs, hasInput, ...isNative });
      connection = command.isNative
        ? await session.open(command.pid, { ...settings, sides: 'host' })
        : await connectToCommand(session, command, { ...settings, sides: 'auto' }).catch(
            async (error: unknown) => {
              const isNotNode = isCoded(error) && error.code === 'EE_COMMAND_NOT_NODE';
              if (!isNotNode || !mayHostServe(patterns, hostProducers)) throw error;
              say(`process ${command?.pid} runs no Node.js: it is heard from now on; its start was not, and what it starts is not`); // prettier-ignore
              return session.open(command?.pid ?? 0, { ...settings, sides: 'host' });
            },
          );
    }
    for (const pattern of patterns ?? []) checkRefused(pattern, refused, plugins);
    connection.notices$.subscribe(({ error }) => sayError(error));
    return { connection, command, begin: () => command?.begin(), close };
  } catch (error) {
    await close();
    throw error;
  }
}

// Names that nobody knows may be those of the program itself, which is then to be Node.js.
function mayHostServe(
  patterns: readonly string[] | undefined,
  producers: readonly HostProducerSource[],
): boolean {
  return (patterns ?? []).some((pattern) =>
    producers.some(
      ({ eventTypes = [], schemes = [] }) =>
        eventTypes.some(({ name }) => name === pattern) ||
        schemes.some((scheme) => pattern.startsWith(`${scheme}:`)),
    ),
  );
}

function schemesOf(id: string, plugins: readonly Plugin[]): readonly string[] {
  return plugins.find((plugin) => plugin.id === id)?.schemes ?? [];
}

/** @throws ExtensionEventError what the producer said that would provide this name */
function checkRefused(
  pattern: string,
  refused: ReadonlyMap<string, ExtensionEventError>,
  plugins: readonly Plugin[],
): void {
  for (const [id, error] of refused)
    if (schemesOf(id, plugins).some((scheme) => pattern.startsWith(`${scheme}:`))) throw error;
}

// Waits for the preloaded agent's socket, for as long as that can still come.
async function connectToCommand(
  session: Session,
  command: StartedCommand,
  settings: AttachSettings & { readonly sides: Sides; readonly signal: AbortSignal },
): Promise<TargetConnection> {
  const { name, pid } = command;
  const over = new AbortController();
  const ended = command.ended.then((how) => {
    throw new ExtensionEventError('EE_COMMAND_ENDED', `${name} (process ${pid}) ${how} before anybody could listen to it.`, endedHint(command)); // prettier-ignore
  });
  let isFound = false;
  const child = findNodeChild(command, over.signal).then((found) => {
    isFound = true;
    say(`listening to process ${found}, the first Node.js program that ${name} has started`);
    return session.open(found, { timeoutMs: appearMs, isPreloaded: true, ...settings });
  });
  const stranger = delay(wrapperMs, undefined, { signal: over.signal }).then(() => {
    if (isForeign(pid) && !isFound)
      throw new ExtensionEventError('EE_COMMAND_NOT_NODE', `${name} (process ${pid}) is no Node.js program.`, 'Give the program itself rather than a script around it, as in -- node app.js or -- ./server; or start it and attach to the pid that extev ls --all shows.'); // prettier-ignore
    return new Promise<never>(() => undefined);
  });
  const aborted = new Promise<never>((_, reject) => {
    const { signal } = settings;
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  const connected = session.open(pid, { timeoutMs: appearMs, isPreloaded: true, ...settings });
  const outcomes = [connected, child, ended, stranger, aborted];
  for (const outcome of outcomes) outcome.catch(() => undefined);
  try {
    const connection = await Promise.race(outcomes);
    command.choose(connection.pid);
    return connection;
  } catch (error) {
    // That the process is gone is seen in several ways; why it ended is what the user wants.
    if (isCoded(error) && error.code === 'EE_NO_PROCESS') return await ended;
    // Its socket closes a moment before it is gone.
    if (isCoded(error) && error.code === 'EE_CONNECTION_LOST')
      await Promise.race([ended, delay(dyingMs, undefined, { signal: over.signal })]);
    throw error;
  } finally {
    over.abort();
  }
}

/** The first child of a script or wrapper in which the agent is preloaded. */
async function findNodeChild(command: StartedCommand, signal: AbortSignal): Promise<number> {
  for (;;) {
    await delay(childMs, undefined, { signal });
    const found = command.children.find(({ pid }) => hasAgent(pid));
    if (found === undefined) continue;
    command.choose(found.pid);
    return found.pid;
  }
}

// A script may start some in which nothing is preloaded, or that pass themselves over, as npm does.
function hasAgent(pid: number): boolean {
  try {
    const { uid } = statSync(`/proc/${pid}`);
    return existsSync(socketPath({ pid, startTime: readStartTime(pid) ?? 0 }, uid));
  } catch {
    return false; // it has ended
  }
}

function endedHint({ isNode }: StartedCommand): string {
  return isNode ? 'Run it by itself to see why.' : 'Give the program itself rather than a script around it, as in -- ./server or -- node app.js: only Node.js programs load the agent.'; // prettier-ignore
}

function isForeign(pid: number): boolean {
  try {
    checkAttach(pid);
    return false;
  } catch (error) {
    return isCoded(error) && error.code === 'EE_NOT_NODE';
  }
}
