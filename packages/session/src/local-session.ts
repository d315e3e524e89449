import { startOwnAgent } from './agent-files.ts';
import type { Connection } from './connection.ts';
import { Session, type SessionOptions } from './session.ts';

/** A session over the own process: the same API, the same agent, the same accounts. */
export interface LocalSession extends AsyncDisposable {
  readonly session: Session;
  readonly connection: Connection;
  close(): Promise<void>;
}

/**
 * Starts the agent in this process, unless it has one, and connects to it. The agent's thread does
 * not keep the process alive, an open connection does: close it.
 *
 * @throws ExtensionEventError `EE_AGENT_START`
 */
export async function localSession(options: SessionOptions = {}): Promise<LocalSession> {
  const { socketPath } = await startOwnAgent();
  const session = new Session(options);
  const connection = await session.connect(process.pid, socketPath);
  const close = (): Promise<void> => session.close();
  return { session, connection, close, [Symbol.asyncDispose]: close };
}
