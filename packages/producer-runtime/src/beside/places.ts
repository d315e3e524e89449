import { captureStacks, findRuntimeMap, formatStackFrame, type InterruptFrame, type InterruptStack, SourceMaps, toPath, type V8Thread } from '@extension-events/platform-v8'; // prettier-ignore
import type { RunningPlace } from '../types.ts';

const maxFrames = 32;

/** What a thread was doing when it served an interrupt. */
export interface Captured {
  readonly isRunning: boolean;
  readonly place: RunningPlace;
  /** From asking to being served: next to nothing in JavaScript, and a call into C++ is over first. */
  readonly latencyMs: number;
}

/** Turns interrupt stacks into what payloads say of them: generated places become what a person wrote. */
export class Places {
  readonly #maps = new SourceMaps();
  readonly #asked = new Set<string>();

  /** What the thread is doing; without frames when no JavaScript is running. */
  async capture(thread: V8Thread): Promise<Captured> {
    const [stack] = await captureStacks(thread.session, 1, 0);
    if (stack === undefined) return { isRunning: false, place: {}, latencyMs: 0 };
    const place = await this.#describe(thread, stack);
    return { isRunning: stack.frames.length > 0, place, latencyMs: stack.latencyNs / 1e6 };
  }

  async #describe(thread: V8Thread, { frames }: InterruptStack): Promise<RunningPlace> {
    const at = frames.findIndex(({ url }) => url !== '' && !url.startsWith('node:'));
    const top = frames[at === -1 ? 0 : at];
    if (top === undefined) return {};
    await this.#loadMap(thread, top.url);
    const stack = frames.slice(0, maxFrames).map((frame) => formatStackFrame({ ...frame, ...this.#written(frame) })).join('\n'); // prettier-ignore
    const { url, line, column } = this.#written(top);
    const above = frames[at - 1];
    return {
      function: this.#nameOf(top),
      ...(url === '' ? {} : { url, line, column }),
      ...(above === undefined ? {} : { native: nameOfNative(above) }),
      ...(at === -1 ? {} : { scriptUrl: top.url, functionLine: top.functionLine }),
      stack,
    };
  }

  #nameOf(frame: InterruptFrame): string {
    const start = { line: frame.functionLine, column: frame.functionColumn };
    const written = frame.functionLine > 0 ? this.#maps.toOriginal({ url: frame.url }, start) : undefined; // prettier-ignore
    return (written?.isMapped === true ? written.name : undefined) ?? (frame.functionName || '(anonymous)'); // prettier-ignore
  }

  #written({ url, line, column }: InterruptFrame): { url: string; line: number; column: number } {
    if (url === '' || url.startsWith('node:')) return { url: toPath(url), line, column };
    const { path, ...at } = this.#maps.toOriginal({ url }, { line, column });
    return { url: path, line: at.line, column: at.column };
  }

  // Loaders such as tsx compile in memory: the file on disk is the original and tells nothing of a map.
  async #loadMap({ session }: V8Thread, url: string): Promise<void> {
    if (this.#asked.has(url) || !/\.[cm]?tsx?$|\.jsx$/.test(url)) return;
    this.#asked.add(url);
    const map = await findRuntimeMap(session, url).catch(() => undefined);
    if (map !== undefined) this.#maps.add(url, map);
  }
}

function nameOfNative({ functionName, typeName }: InterruptFrame): string {
  const isPlain = typeName === '' || typeName === 'Object' || typeName === 'Function';
  return isPlain ? functionName : `${typeName}.${functionName}`;
}
