import { Connection, type ConnectOptions } from '../connection.ts';
import { startHost, type StartHostOptions } from './start-host.ts';

// A host that is about to end may still take a connection.
const attempts = 3;

/**
 * Connects to the host of a process, starting one when there is none.
 *
 * @throws ExtensionEventError see {@link startHost} and {@link Connection.open}
 */
export async function connectHost(
  pid: number,
  connect: ConnectOptions,
  start: StartHostOptions = {},
): Promise<Connection> {
  for (let attempt = 1; ; attempt++) {
    const { socketPath } = await startHost(pid, start);
    try {
      return await Connection.open(pid, socketPath, connect);
    } catch (error) {
      const { code } = error as { code?: string };
      if (code !== 'EE_CONNECTION_LOST' || attempt === attempts) throw error;
    }
  }
}
