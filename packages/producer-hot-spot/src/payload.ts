import {
  findRuntimeMap,
  formatStackFrame,
  SourceMaps,
  toPath,
} from '@extension-events/platform-v8';
import type {
  InterruptFrame,
  OriginalPosition,
  ProfileNode,
  V8Thread,
} from '@extension-events/platform-v8';
import type { KnownFrame } from './function-index.ts';
import type { Finding, HotFunction, Sample } from './internal-types.ts';
import { locate } from './locate.ts';
import type { ScriptTexts } from './script-texts.ts';
import type { Evidence } from './thread-judge.ts';
import type { HotSpotCandidatePayload, HotSpotSamplePayload } from './types.ts';

const maxFrames = 32;

/** Turns findings and samples into payloads: generated places become what a person wrote. */
export class PayloadWriter {
  readonly #texts: ScriptTexts;
  readonly #maps = new SourceMaps();
  readonly #asked = new Set<string>();

  constructor(texts: ScriptTexts) {
    this.#texts = texts;
  }

  /** Payload of `hot-spot` and `hot-spot.candidate`. */
  async write(
    finding: Finding,
    evidence: Evidence,
    windowMs: number,
  ): Promise<HotSpotCandidatePayload> {
    const hot = finding.function;
    const spot = locate({
      function: hot,
      places: evidence.placesOf(finding),
      stacks: evidence.stacks,
      index: evidence.index,
      text: this.#texts.tryGet(hot.url),
      line: finding.line,
    });
    await this.#loadMap(evidence.thread, hot.url);
    const { path, line, column } = this.#toOriginal(hot.url, spot.line, spot.column);
    const sample = evidence.sampleOf(finding);
    const stack = spot.stack ?? (sample === undefined ? [] : framesOf(sample.node, hot, spot));
    return {
      source: 'v8',
      function: this.#nameOf(hot),
      url: path,
      line,
      column,
      ...(spot.native === '' ? {} : { native: spot.native }),
      scriptId: hot.scriptId,
      scriptUrl: hot.url,
      scriptLine: spot.line,
      scriptColumn: spot.column,
      functionLine: hot.line,
      functionColumn: hot.column,
      hits: finding.hits,
      samples: finding.samples,
      share: finding.samples === 0 ? 0 : finding.hits / finding.samples,
      windowMs,
      confirmed: spot.confirmed,
      ...(spot.note === '' ? {} : { note: spot.note }),
      stack: this.#stackText(stack),
    };
  }

  /** Payload of `hot-spot.sample`. Cheap: no interrupt, no look at the text. */
  writeSample(sample: Sample): HotSpotSamplePayload | undefined {
    const hot = sample.place.function;
    if (hot === undefined) return undefined;
    const spot = { line: sample.place.line || hot.line, column: hot.column };
    const { path, line, column } = this.#toOriginal(hot.url, spot.line, spot.column);
    return {
      source: 'v8',
      function: this.#nameOf(hot),
      url: path,
      line,
      column,
      ...(sample.place.native === '' ? {} : { native: sample.place.native }),
      stack: this.#stackText(framesOf(sample.node, hot, spot)),
    };
  }

  // The map at a function's start tells the name it was written with, where a minifier changed it.
  #nameOf(hot: HotFunction): string {
    const start = this.#toOriginal(hot.url, hot.line, hot.column);
    return (start.isMapped ? start.name : undefined) ?? (hot.functionName || '(anonymous)');
  }

  #stackText(stack: readonly Pick<KnownFrame, 'frame'>[]): string {
    const lines: string[] = [];
    for (const { frame } of stack.slice(0, maxFrames)) {
      const { path, line, column } = this.#toOriginal(frame.url, frame.line, frame.column);
      lines.push(formatStackFrame({ ...frame, url: path, line, column }));
    }
    return lines.join('\n');
  }

  #toOriginal(url: string, line: number, column: number): OriginalPosition {
    return url === '' || url.startsWith('node:')
      ? { path: toPath(url), line, column, isMapped: false }
      : this.#maps.toOriginal({ url }, { line, column });
  }

  // Loaders such as tsx compile in memory: the file on disk is the original and tells nothing of a map.
  async #loadMap(thread: V8Thread, url: string): Promise<void> {
    if (this.#asked.has(url) || !/\.[cm]?tsx?$|\.jsx$/.test(url)) return;
    this.#asked.add(url);
    const map = await findRuntimeMap(thread.session, url).catch(() => undefined);
    if (map !== undefined) this.#maps.add(url, map);
  }
}

/** The stack of a sample as the profile knows it: callers only by the start of their function. */
function framesOf(
  node: ProfileNode,
  hot: HotFunction,
  spot: { readonly line: number; readonly column: number },
): { readonly frame: InterruptFrame }[] {
  const frames: { readonly frame: InterruptFrame }[] = [];
  for (let at: ProfileNode | undefined = node; at?.parent !== undefined; at = at.parent) {
    const isHot =
      frames.length === 0 ||
      (at.url === hot.url && at.line === hot.line && at.column === hot.column);
    frames.push({ frame: toFrame(at, isHot && at.url !== '' ? spot : at) });
  }
  return frames;
}

function toFrame(
  node: ProfileNode,
  at: { readonly line: number; readonly column: number },
): InterruptFrame {
  return {
    functionName: node.functionName,
    url: node.url,
    line: at.line,
    column: at.column,
    functionLine: node.line,
    functionColumn: node.column,
    isAsync: false,
    isConstructor: false,
    typeName: '',
  };
}
