import { hasOwner } from './catchpoints.ts';
import type { WaitOptions } from './context.ts';
import type { Debuggee } from './debuggee.ts';
import { showStop } from './show-stop.ts';
import type { Stop } from './stop-board.ts';
import type { Transcript } from './transcript.ts';

/** Prints stops, and runs the commands that belong to their catchpoints. */
export class StopPresenter {
  readonly #debuggee: Debuggee;
  readonly #transcript: Transcript;
  /** Runs a line; it throws when the line failed. */
  readonly #runLine: (line: string) => Promise<void>;
  #depth = 0;

  constructor(
    debuggee: Debuggee,
    transcript: Transcript,
    runLine: (line: string) => Promise<void>,
  ) {
    this.#debuggee = debuggee;
    this.#transcript = transcript;
    this.#runLine = runLine;
  }

  /** A catchpoint's own commands are running. */
  get isInCommands(): boolean {
    return this.#depth > 0;
  }

  /** Shows a stop and runs its commands; false when the thread runs on. */
  async present(stop: Stop, show?: WaitOptions['show']): Promise<boolean> {
    const { catchpoints } = this.#debuggee;
    stop.isShown = true;
    const passing = stop.entries.map((entry) => catchpoints.countHit(entry));
    if (passing.length > 0 && passing.every(Boolean)) {
      await this.#debuggee.resume(stop.thread);
      return false;
    }
    const previous = this.#debuggee.selectedThread;
    await this.#debuggee.select(stop.thread);
    const lines = stop.entries.flatMap((entry) => entry.commands);
    if (lines[0] !== 'silent' && this.#stands(stop)) await this.#show(stop, previous, show);
    const temporary = stop.entries.filter((entry) => entry.isTemporary);
    await Promise.all(temporary.map((entry) => catchpoints.delete(entry)));
    // Another debugger was quicker, and that was told: where the thread stands next is waited for.
    if (!this.#stands(stop)) {
      this.#debuggee.board.showNext(stop.thread);
      return false;
    }
    const commands = lines.filter((line) => line !== 'silent');
    return this.#runCommands(stop, commands);
  }

  #stands(stop: Stop): boolean {
    return this.#debuggee.board.get(stop.thread) === stop;
  }

  /** Prints stops that came while nobody waited, when no stopped thread is selected. */
  async showPending(): Promise<void> {
    for (;;) {
      const stop = this.#debuggee.board.nextUnshown();
      if (stop === undefined) return;
      if (this.#hasSelectedStop()) {
        this.announce(stop);
        return;
      }
      await this.present(stop);
    }
  }

  /** One line for a stop that is not shown in full now; `thread N` and `continue` show it. */
  announce(stop: Stop): void {
    if (stop.isAnnounced || stop.isShown || stop.cause.type === 'foreign') return;
    stop.isAnnounced = true;
    const numbers = stop.entries.map((entry) => `${entry.kind} ${entry.number}`);
    const event = stop.cause.type === 'event' ? [stop.cause.event] : [];
    const reason = [...numbers, ...event].join(', ');
    const name = this.#debuggee.nameThread(stop.thread);
    this.#transcript.notice(`thread ${name} stopped too${reason === '' ? '' : `: ${reason}`}`);
  }

  /** The way of showing that a command asked for is for the stop that it caused, not for others. */
  async #show(stop: Stop, previous: number | undefined, show: WaitOptions['show']): Promise<void> {
    if (show !== undefined && !hasOwner(stop.cause) && stop.cause.type !== 'pause') {
      await show(stop);
      return;
    }
    if (previous !== undefined && previous !== stop.thread) {
      this.#transcript.notice(`switching to thread ${this.#debuggee.nameThread(stop.thread)}`);
    }
    await showStop(this.#debuggee, this.#transcript, stop);
  }

  /** Runs the commands up to one that lets the thread run; false when there was one. */
  async #runCommands(stop: Stop, lines: readonly string[]): Promise<boolean> {
    this.#depth++;
    try {
      for (const line of lines) {
        await this.#runLine(line);
        if (!this.#stands(stop)) return false;
      }
      return true;
    } finally {
      this.#depth--;
    }
  }

  #hasSelectedStop(): boolean {
    const { board, selectedThread } = this.#debuggee;
    return selectedThread !== undefined && board.shown(selectedThread) !== undefined;
  }
}
