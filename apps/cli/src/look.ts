import { Connection, type ProcessEntry, type ProducerSource } from '@extension-events/session';
import type { ThreadInfo, TypeInfo } from '@extension-events/protocol';
import { isCoded, say } from './output.ts';

/** What the agent of an attached process says of it, and a host beside it. */
export interface Look {
  readonly threads: readonly ThreadInfo[];
  readonly types: readonly TypeInfo[];
  /** Connected consumers, this one not counted. */
  readonly consumers: number;
}

/** Names to look for inside the processes, and who may find them. */
export interface Search {
  readonly patterns: readonly string[];
  readonly producers: readonly ProducerSource[];
}

const answerMs = 5000;
const nothing: Search = { patterns: [], producers: [] };

/**
 * Asks the agents of the processes that have one; the others are left alone. An agent that does not
 * answer is told, and its process is shown as it looks from outside.
 */
export async function lookInto(
  processes: readonly ProcessEntry[],
  name: string,
  search: Search = nothing,
): Promise<Map<number, Look>> {
  const looks = new Map<number, Look>();
  await Promise.all(
    processes.map(async ({ hostSocketPath, pid, socketPath }) => {
      const paths = [socketPath, hostSocketPath].filter((path) => path !== undefined);
      if (paths.length === 0) return;
      try {
        const [first, second] = await Promise.all(
          paths.map((path) => {
            const looking = look(pid, path, name, search);
            // A host ends by itself when it has served: it was there a moment ago, and nothing is wrong.
            return path === hostSocketPath ? looking.catch(unlessGone) : looking;
          }),
        );
        if (first !== undefined) looks.set(pid, second === undefined ? first : join(first, second));
      } catch (error) {
        if (!isCoded(error)) throw error;
        say(`process ${pid} is shown from outside only: ${error.code}: ${error.message}`);
      }
    }),
  );
  return looks;
}

function unlessGone(error: unknown): undefined {
  if (!isCoded(error) || error.code !== 'EE_CONNECTION_LOST') throw error;
  return undefined;
}

// The agent's threads have Node's numbers; a consumer of both sides counts once.
function join(agent: Look, host: Look): Look {
  return {
    threads: agent.threads,
    types: [...agent.types, ...host.types],
    consumers: Math.max(agent.consumers, host.consumers),
  };
}

async function look(
  pid: number,
  socketPath: string,
  name: string,
  { patterns, producers }: Search,
): Promise<Look> {
  const connection = await Connection.open(pid, socketPath, { name, timeoutMs: answerMs });
  try {
    if (connection.hello.role === 'agent' && patterns.length > 0) {
      await connection.useProducers(producers, () => undefined);
      for (const pattern of patterns) await connection.refreshEventTypes(pattern);
    }
    const types = await connection.refreshEventTypes();
    const { consumers = 1 } = connection.hello;
    return { threads: connection.threads, types, consumers: consumers - 1 };
  } finally {
    await connection.close();
  }
}
