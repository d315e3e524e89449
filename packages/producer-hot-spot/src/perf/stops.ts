import type { LinuxHost } from '@extension-events/platform-linux';
import type { AddressBook } from './address-book.ts';
import type { NativeEvidence } from './internal-types.ts';
import { lookUpLines } from './native-payload.ts';
import { stopAtPc } from './stop-at-pc.ts';
import type { Landing } from './stop-at-pc.ts';

const returnNote = 'hot in the kernel: the thread stands where its system call returns';

/** The threads that one arming is about to stop, at most once each at a time. */
export class Stops implements Disposable {
  readonly #host: LinuxHost;
  readonly #book: AddressBook;
  readonly #pending = new Map<number, Disposable | undefined>();

  constructor(host: LinuxHost, book: AddressBook) {
    this.#host = host;
    this.#book = book;
  }

  isPending(tid: number): boolean {
    return this.#pending.has(tid);
  }

  /** Stops the hot thread at the hot instruction, once the source line is known or late. */
  start(evidence: NativeEvidence, landed: (landing: Landing) => void): void {
    this.#pending.set(evidence.tid, undefined);
    // Looked up now: the payload must be ready when the sample comes.
    void this.#stopWhenKnown(evidence, landed);
  }

  async #stopWhenKnown(
    { spot, tid, chain }: NativeEvidence,
    landed: (landing: Landing) => void,
  ): Promise<void> {
    await lookUpLines(this.#book, spot);
    if (!this.#pending.has(tid)) return;
    const pc = spot.isKernel ? chain.find((each) => !each.isKernel)?.address : spot.pc;
    const stopping = stopAtPc(this.#host.perf, {
      tid,
      pc,
      ...(spot.isKernel ? { note: returnNote } : {}),
      landed: (landing) => {
        this.#pending.delete(tid);
        landed(landing);
      },
      gaveUp: () => void this.#pending.delete(tid),
    });
    // It may have given up already.
    if (this.#pending.has(tid)) this.#pending.set(tid, stopping);
  }

  /** A thread has ended. */
  forget(tid: number): void {
    this.#pending.get(tid)?.[Symbol.dispose]();
    this.#pending.delete(tid);
  }

  [Symbol.dispose](): void {
    for (const stopping of this.#pending.values()) stopping?.[Symbol.dispose]();
    this.#pending.clear();
  }
}
