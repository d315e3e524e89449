/** Entry of a host process: `node main.js PID`, started by {@link startHost}; says how it went on descriptor 3. */
import { closeSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { audit, wireError } from '@extension-events/protocol/server';
import { readyFd, type ReadyLine } from './ready-line.ts';

const pid = Number(process.argv[2]);

function tell(line: ReadyLine): void {
  try {
    writeSync(readyFd, `${JSON.stringify(line)}\n`);
    closeSync(readyFd);
  } catch {
    // the starter has gone: others may come
  }
}

async function main(): Promise<void> {
  process.title = `extension-events host of ${pid}`;
  // Nothing native is loaded before the process was found good: importing costs, and may fail.
  const [{ linuxPlatform }, { runHost }] = await Promise.all([
    import('./linux-platform.ts'),
    import('./run-host.ts'),
  ]);
  const running = await runHost(pid, linuxPlatform);
  const { socketPath } = running;
  // A producer that makes a mistake harms its own events; those of others go on.
  const onFault = (error: unknown): void => audit(dirname(socketPath), { host: pid, event: 'fault', message: error instanceof Error ? error.stack : String(error) }); // prettier-ignore
  process.on('uncaughtException', onFault);
  process.on('unhandledRejection', onFault);
  tell({ socketPath });
  if (!('host' in running)) return;
  const { host } = running;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    process.on(signal, () => void host.end('agent-ends'));
  await host.ended;
}

try {
  await main();
  process.exitCode = 0;
} catch (error) {
  const fault = { code: 'EE_HOST_START', hint: 'Please report it, with what extev doctor says.' };
  tell({ error: wireError(error, fault) });
  process.exitCode = 1;
}
// Handles of the platform may still be open; nothing waits for them.
process.exit();
