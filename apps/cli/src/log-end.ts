import type { Logger, LoggerSummary } from '@extension-events/consumer-logger';
import type { Attached } from './attach.ts';
import { exitCode } from './exit-codes.ts';
import { tellEnd } from './listen-end.ts';
import { say, sayError } from './output.ts';

/** Why a log ends. */
export type LogEnd = 'ended' | 'timeout' | 'interrupted' | 'gone';

/** Waits for the first of all reasons to end. */
export async function untilLogEnds(
  logger: Logger,
  reasons: {
    readonly gone: Promise<unknown>;
    readonly interrupted: Promise<'interrupted'>;
    readonly timeout: number | undefined;
  },
): Promise<LogEnd> {
  // A session without any process holds nothing open, and waits for some all the same.
  const stay = setInterval(() => undefined, 2 ** 30);
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<'timeout'>((resolve) => {
    if (reasons.timeout !== undefined) timer = setTimeout(resolve, reasons.timeout, 'timeout');
  });
  const ended = logger.ended.then(() => 'ended' as const);
  const gone = reasons.gone.then(() => 'gone' as const);
  try {
    return await Promise.race([ended, reasons.interrupted, gone, limit]);
  } finally {
    clearTimeout(timer);
    clearInterval(stay);
  }
}

/** Says how the programs end, each when it does; resolves with the exit code when none is left. */
export class TargetEnds {
  readonly code: Promise<number>;
  #isOver = false;

  constructor(attached: readonly Attached[]) {
    const codes = attached.map(async ({ command, connection }) => {
      await connection.ended;
      if (this.#isOver) return exitCode.ok; // we have left it, not it us
      return tellEnd(connection, command).catch((error: unknown) => {
        sayError(error);
        return exitCode.failed;
      });
    });
    // Without any there is nobody to wait for: the session goes on.
    this.code = attached.length === 0 ? new Promise(() => undefined) : Promise.all(codes).then((all) => Math.max(...all)); // prettier-ignore
  }

  /** From now on their connections end because they are closed. */
  stopTelling(): void {
    this.#isOver = true;
  }
}

/** The account, on stderr. */
export function sayAccount(
  { bytes, delivered, files, lost, matched, removed, throttled }: LoggerSummary,
  out: string | undefined,
): void {
  say(`matched ${matched}, delivered ${delivered}, lost ${lost}, throttled ${throttled}`);
  const where = files > 1 ? `${files} files, the last of them ${out}` : (out ?? 'standard output');
  const older = removed === 0 ? '' : `; ${removed} older ${removed === 1 ? 'file was' : 'files were'} removed`; // prettier-ignore
  say(`${bytes} bytes written to ${where}${older}`);
}
