import { fileURLToPath } from 'node:url';
import { runDebugger } from '@extension-events/consumer-debugger';
import type { Grant } from '@extension-events/protocol';
import { type Attached, attachTo } from '../attach.ts';
import { exitCode } from '../exit-codes.ts';
import { onInterrupt } from '../interrupt.ts';
import { readerGone, say, usageError } from '../output.ts';
import { requireTarget, type TargetWords } from '../target.ts';

interface DebugCommand extends TargetWords {
  readonly x: readonly string[];
  readonly batch?: boolean;
  readonly timeout?: number;
  readonly maxStop?: number;
  readonly write?: boolean;
}

// A person may look around for a while before the first catch lets the program begin.
const waitMs = 600_000;

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
  using interrupt = onInterrupt();
  let attached: Attached | undefined;
  try {
    // Commands come from standard input: the program that is started gets none.
    attached = await attachTo(target, { name: 'extev debug', grants, signal: interrupt.signal, waitMs, hasInput: false }); // prettier-ignore
    return await runUntilReaderLeaves(attached, options, interrupt.signal);
  } catch (error) {
    if (interrupt.signal.aborted) return exitCode.interrupted;
    throw error;
  } finally {
    await attached?.close();
  }
}

async function runUntilReaderLeaves(
  { begin, command, connection }: Attached,
  { batch, maxStop, timeout, x: files }: DebugCommand,
  interrupted: AbortSignal,
): Promise<number> {
  const unread = new AbortController();
  void readerGone.then(() => unread.abort());
  const signal = AbortSignal.any([interrupted, unread.signal]);
  signal.addEventListener('abort', endInput, { once: true });
  const status = await runDebugger({
    connection,
    signal,
    files,
    koffiPath: koffiPath(),
    onContinue: begin,
    ...(command?.stands === true ? { standing: command } : {}),
    ...(batch === undefined ? {} : { isBatch: batch }),
    ...(timeout === undefined ? {} : { timeoutMs: timeout }),
    ...(maxStop === undefined ? {} : { maxStopMs: maxStop }),
  });
  // From outside nobody but its parent learns with which status a program has ended.
  if (command?.isNative === true && !command.isRunning)
    say(`${command.name} (process ${command.pid}) ${await command.ended}`);
  return unread.signal.aborted ? exitCode.ok : status;
}

// koffi is a dependency of that package alone: the traced program requires it from there.
function koffiPath(): string {
  return fileURLToPath(import.meta.resolve('@extension-events/platform-linux'));
}

// Whoever waits for the next command gets the end of the input; what still comes is read by nobody.
function endInput(): void {
  process.stdin.on('error', () => undefined);
  process.stdin.push(null);
}
