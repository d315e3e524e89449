import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ExtensionEventError } from '@extension-events/core';
import {
  type AttachSettings,
  type Connection,
  openSession,
  type Session,
} from '@extension-events/session';
import { say } from './output.ts';
import { producerSources } from './plugins.ts';
import type { TargetChoice } from './target.ts';

/** A connected target. */
export interface Attached {
  readonly session: Session;
  readonly connection: Connection;
  /** The program, when this command started it. */
  readonly child: ChildProcess | undefined;
}

/** How a started program waits for its first listener, in milliseconds. */
const firstListenMs = 30_000;

/** Attaches to a running process, or starts a command with the agent preloaded. */
export async function attachTo(
  target: TargetChoice,
  name: string,
  settings: AttachSettings & { readonly isDataOnStdout?: boolean } = {},
): Promise<Attached> {
  const session = await openSession({ name, producers: producerSources() });
  try {
    const child =
      'command' in target
        ? await launch(target.command, settings.isDataOnStdout === true)
        : undefined;
    const pid = child?.pid ?? ('pid' in target ? target.pid : 0);
    const connection = child === undefined ? await session.attach(pid, settings) : await connectToChild(session, pid, settings); // prettier-ignore
    return { session, connection, child };
  } catch (error) {
    await session.close();
    throw error;
  }
}

// The agent comes with --import, and holds the program's entry back until somebody listens.
async function launch(command: readonly string[], isDataOnStdout: boolean): Promise<ChildProcess> {
  const register = fileURLToPath(import.meta.resolve('@extension-events/agent/register'));
  const options = [process.env['NODE_OPTIONS'], `--import=${register}`].filter(Boolean).join(' ');
  const [file = '', ...args] = command;
  const child = spawn(file, args, {
    stdio: ['inherit', isDataOnStdout ? 2 : 'inherit', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: options, EXTENSION_EVENTS_WAIT_MS: String(firstListenMs) },
  });
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw new ExtensionEventError('EE_COMMAND_START', `${file} could not be started: ${String(cause)}.`, 'Check the name, or give its path.', { cause }); // prettier-ignore
  }
  return child;
}

async function connectToChild(
  session: Session,
  pid: number,
  settings: AttachSettings,
): Promise<Connection> {
  const deadline = performance.now() + (settings.timeoutMs ?? 10_000);
  for (;;) {
    try {
      // Preloaded agents need no signal; this waits for the socket to appear.
      return await session.attachPreloaded(pid, settings);
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** Ends a program that this command started, politely first. */
export async function endChild(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  say(`ending process ${String(child.pid)}, which this command started`);
  child.kill('SIGTERM');
  const ended = once(child, 'exit');
  const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
  await ended;
  clearTimeout(timer);
}
