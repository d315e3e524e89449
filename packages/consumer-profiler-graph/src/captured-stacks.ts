import type { RawRecord } from '@extension-events/session';
import type { Aggregate } from './aggregate.ts';

const maxStacks = 2000;

/** The newest stacks that were captured for a source, by the event that they belong to. */
export class CapturedStacks implements Aggregate {
  readonly sinceMs: number;
  version = 0;
  readonly #frames: number;
  readonly #stacks: Map<string, string> = new Map();

  constructor(frames: number, sinceMs: number) {
    this.#frames = frames;
    this.sinceMs = sinceMs;
  }

  add({ at, tid, timestampNs, type, view }: RawRecord, _timeMs: number, pid: number): void {
    const stack = type.capturedStack(view, at);
    if (stack === undefined || stack === '') return;
    this.version++;
    this.#stacks.set(keyOf(pid, tid, timestampNs), stack);
    if (this.#stacks.size <= maxStacks) return;
    const [oldest] = this.#stacks.keys();
    if (oldest !== undefined) this.#stacks.delete(oldest);
  }

  /** Frames, innermost first; `undefined` when none was captured. */
  find(pid: number, tid: number, timestampNs: number): readonly string[] | undefined {
    return this.#stacks.get(keyOf(pid, tid, timestampNs))?.split('\n', this.#frames);
  }
}

function keyOf(pid: number, tid: number, timestampNs: number): string {
  return `${pid}/${tid}/${timestampNs}`;
}
