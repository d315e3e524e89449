import type { EventItem, Summary } from '@extension-events/session';
import type { Format } from './format.ts';
import type { Output } from './output.ts';
import type { LoggedLoss } from './types.ts';

/** Lines of one turn are written together, and not more of them than this. */
const batchBytes = 64 * 1024;

/** Told by a recorder. */
export interface RecorderWatcher {
  /** It cannot write any more. */
  failed(error: unknown): void;
  /** For the first time, something came that the output had no room for. */
  slow(): void;
}

/** Puts a format and an output together, and keeps count of what is in the output. */
export class Recorder {
  readonly #format: Format;
  readonly #output: Output;
  readonly #watcher: RecorderWatcher;
  #lines: string[] = [];
  #size = 0;
  #events: EventItem[] = [];
  #losses: LoggedLoss[] = [];
  /** What the output had no room for, by thread and reason: it is told as soon as there is some. */
  readonly #missed: Map<string, LoggedLoss> = new Map();
  /** Has this file anything that is worth keeping? */
  #isBegun = false;
  /** Events that the output has taken, and those of them that are where they are to be. */
  #handed = 0;
  #written = 0;
  #hasFailed = false;
  #wasSlow = false;
  #isOpen = false;
  #isOver = false;

  constructor(format: Format, output: Output, watcher: RecorderWatcher) {
    this.#format = format;
    this.#output = output;
    this.#watcher = watcher;
    output.watch({
      failed: (error) => this.#fail(error),
      hasRoom: () => {
        if (this.#isBegun && output.wantsRotation(0)) this.#try(() => this.#rotate());
        this.flush();
      },
    });
  }

  /** From here on there is something to write: a file is overwritten now, and not before. */
  open(): void {
    if (this.#isOpen || this.#isOver) return;
    this.#isOpen = true;
    this.#try(() => {
      this.#output.open();
      this.#output.write(this.#format.begin(), undefined, true);
    });
  }

  /** Events that are in the output; those that are still on their way there count while all is well. */
  get written(): number {
    return this.#hasFailed ? this.#written : this.#handed;
  }

  event(item: EventItem): void {
    this.#take(() => this.#format.event(item), item, undefined);
  }

  loss(loss: LoggedLoss): void {
    this.#take(() => this.#format.loss(loss), undefined, loss);
  }

  #take(make: () => string, event: EventItem | undefined, loss: LoggedLoss | undefined): void {
    this.open();
    if (this.#isOver) return;
    let line = make();
    let bytes = Buffer.byteLength(line);
    const isFirst = !this.#isBegun && this.#lines.length === 0;
    if (!isFirst && this.#output.wantsRotation(this.#size + bytes)) {
      this.#try(() => this.#rotate());
      line = make(); // a new file has its own names and columns
      bytes = Buffer.byteLength(line);
    }
    this.#size += bytes;
    if (event !== undefined) this.#events.push(event);
    if (loss !== undefined) this.#losses.push(loss);
    if (this.#lines.push(line) === 1) queueMicrotask(() => this.flush());
    if (this.#size >= batchBytes) this.flush();
  }

  #rotate(): void {
    this.flush();
    if (this.#isOver) return;
    this.#output.write(this.#format.end(undefined), undefined, true);
    this.#output.rotate();
    this.#output.write(this.#format.begin(), undefined, true);
    this.#isBegun = false;
  }

  /** Hands over what has been taken. */
  flush(): void {
    if (this.#isOver || (this.#lines.length === 0 && this.#missed.size === 0)) return;
    const events = this.#events;
    const losses = this.#losses;
    const gaps = Array.from(this.#missed.values(), (missed) => this.#format.loss(missed));
    const text = [...gaps, ...this.#lines].join('');
    this.#clear();
    this.#try(() => {
      const { length } = events; // the events themselves are not kept until then
      const onWritten = (): void => {
        this.#written += length;
      };
      if (this.#output.write(text, onWritten)) {
        this.#handed += length;
        this.#missed.clear();
        this.#isBegun = true;
      } else this.#miss(events, losses);
    });
  }

  #clear(): void {
    this.#lines = [];
    this.#events = [];
    this.#losses = [];
    this.#size = 0;
  }

  #miss(events: readonly EventItem[], losses: readonly LoggedLoss[]): void {
    this.#format.begin(); // names that were in these lines have to be told again
    for (const { pid, tid } of events) this.#addMissed({ pid, tid, count: 1, reason: 'slow-output' }); // prettier-ignore
    for (const loss of losses) this.#addMissed(loss);
    if (this.#wasSlow) return;
    this.#wasSlow = true;
    this.#watcher.slow();
  }

  #addMissed(loss: LoggedLoss): void {
    const { count, pattern, pid, reason, tid } = loss;
    const key = JSON.stringify([pid, tid, reason, pattern]);
    const before = this.#missed.get(key)?.count ?? 0;
    this.#missed.set(key, { ...loss, count: before + count });
  }

  /** Writes the last lines and closes the output; one that was not opened is left as it was. */
  async end(summary: () => Summary): Promise<void> {
    this.flush();
    if (this.#isOpen && !this.#isOver)
      this.#try(() => {
        const gaps = Array.from(this.#missed.values(), (missed) => this.#format.loss(missed));
        this.#output.write(`${gaps.join('')}${this.#format.end(summary())}`, undefined, true);
      });
    this.#isOver = true;
    try {
      await this.#output.end();
    } catch (error) {
      this.#hasFailed = true;
      this.#watcher.failed(error);
    }
  }

  #try(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#isOver = true;
    this.#clear();
    this.#watcher.failed(error);
  }
}
