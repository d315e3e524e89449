import { Connection, type ProcessEntry } from '@extension-events/session';
import type { ThreadInfo, TypeInfo } from '@extension-events/protocol';
import { isCoded, say } from './output.ts';

/** What the agent of an attached process says of it. */
export interface Look {
  readonly threads: readonly ThreadInfo[];
  readonly types: readonly TypeInfo[];
  /** Connected consumers, this one not counted. */
  readonly consumers: number;
}

const answerMs = 5000;

/**
 * Asks the agents of the processes that have one; the others are left alone. An agent that does not
 * answer is told, and its process is shown as it looks from outside.
 */
export async function lookInto(
  processes: readonly ProcessEntry[],
  name: string,
): Promise<Map<number, Look>> {
  const looks = new Map<number, Look>();
  await Promise.all(
    processes.map(async ({ pid, socketPath }) => {
      if (socketPath === undefined) return;
      try {
        looks.set(pid, await look(pid, socketPath, name));
      } catch (error) {
        if (!isCoded(error)) throw error;
        say(`process ${pid} is shown from outside only: ${error.code}: ${error.message}`);
      }
    }),
  );
  return looks;
}

async function look(pid: number, socketPath: string, name: string): Promise<Look> {
  const connection = await Connection.open(pid, socketPath, { name, timeoutMs: answerMs });
  try {
    const types = await connection.refreshEventTypes();
    const { consumers = 1 } = connection.hello;
    return { threads: connection.threads, types, consumers: consumers - 1 };
  } finally {
    await connection.close();
  }
}
