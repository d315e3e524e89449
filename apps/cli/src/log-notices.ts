import type { Logger, LoggerNotice } from '@extension-events/consumer-logger';
import { isCoded, say, sayError } from './output.ts';
import { type Refusal, sayRefusals } from './refusals.ts';

/**
 * Says what a logger has to tell. Refusals wait until it is known whether all refuse: then they are
 * the end, and told by it, each reason once.
 */
export class LogNotices {
  #waiting: LoggerNotice[] | undefined = [];

  constructor(logger: Pick<Logger, 'notices$'>) {
    logger.notices$.subscribe((notice) => {
      if (this.#waiting === undefined) tell(notice);
      else this.#waiting.push(notice);
    });
  }

  /** @param end - the refusal that is told by the end of the command */
  settle(end?: unknown): void {
    const told = isCoded(end) ? new Set([end.message]) : new Set<string>();
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    const refusals: Refusal[] = [];
    for (const notice of waiting) {
      const reason = notice.error?.message;
      if (end !== undefined && reason !== undefined) {
        if (told.has(reason)) continue;
        told.add(reason);
      }
      const refusal = refusalOf(notice);
      if (refusal === undefined) tell(notice);
      else refusals.push(refusal);
    }
    sayRefusals(refusals);
  }
}

function tell({ error, message }: LoggerNotice): void {
  if (error === undefined) return say(message);
  say(`${message}:`);
  sayError(error);
}

function refusalOf({ error, event, kind, pid }: LoggerNotice): Refusal | undefined {
  if (kind !== 'not-heard' || error === undefined || event === undefined) return undefined;
  return { event, error, ...(pid === undefined ? {} : { pid }) };
}
