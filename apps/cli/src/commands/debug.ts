import { runDebugger } from '@extension-events/consumer-debugger';
import type { Grant } from '@extension-events/protocol';
import { attachTo, endChild } from '../attach.ts';
import { say, usageError } from '../output.ts';
import { requireTarget, type TargetWords } from '../target.ts';

interface DebugCommand extends TargetWords {
  readonly x?: string;
  readonly batch?: boolean;
  readonly timeout?: number;
  readonly maxStop?: number;
  readonly write?: boolean;
}

/** `extev debug` */
export async function debug(options: DebugCommand): Promise<number> {
  const { patterns, target } = await requireTarget(options);
  if (patterns.length > 0)
    throw usageError(
      `debug takes a target, and ${patterns.join(' ')} is left over.`,
      'Catch events with a command: catch hot-spot.',
    );
  const grants: Grant[] =
    options.write === true ? ['stop', 'evaluate', 'write'] : ['stop', 'evaluate'];
  const { child, connection, session } = await attachTo(target, 'extev debug', {
    grants,
    log: say,
  });
  const terminated = new AbortController();
  const onTerminate = (): void => terminated.abort();
  process.once('SIGTERM', onTerminate);
  process.once('SIGHUP', onTerminate);
  try {
    return await runDebugger({
      connection,
      signal: terminated.signal,
      ...(options.x === undefined ? {} : { files: [options.x] }),
      ...(options.batch === undefined ? {} : { isBatch: options.batch }),
      ...(options.timeout === undefined ? {} : { timeoutMs: options.timeout }),
      ...(options.maxStop === undefined ? {} : { maxStopMs: options.maxStop }),
    });
  } finally {
    process.off('SIGTERM', onTerminate);
    process.off('SIGHUP', onTerminate);
    await session.close();
    await endChild(child);
  }
}
