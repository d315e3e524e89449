import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { evaluateSnippet, isOwnUrl } from './evaluate.ts';
import type { CdpSession } from './host.ts';

/** One entry of a stack, as V8 tells it of generated code. Lines and columns count from 1. */
export interface StackFrame {
  /** Empty when the function has no name. */
  readonly functionName: string;
  /** As the inspector writes it: files by url. Empty for a built-in function such as `JSON.parse`. */
  readonly url: string;
  /** 0 when unknown, as in built-in functions. */
  readonly line: number;
  readonly column: number;
  /** Not on the stack: the function that awaits this one. */
  readonly isAsync: boolean;
  readonly isConstructor: boolean;
}

/** A frame of an interrupt stack also knows its function's start. */
export interface InterruptFrame extends StackFrame {
  /** Where the function starts (its first token), 1-based; 0 when unknown. */
  readonly functionLine: number;
  readonly functionColumn: number;
  /** The receiver's class, such as `Array` or `RegExp`; empty when there is none. */
  readonly typeName: string;
}

/** What a thread was doing when an interrupt was served. */
export interface InterruptStack {
  /** Innermost first; empty when no JavaScript was running. Our own snippet is not among them. */
  readonly frames: readonly InterruptFrame[];
  /** When the interrupt was served, CLOCK_MONOTONIC. */
  readonly timestampNs: number;
  /**
   * From asking to being served. Tens of microseconds in JavaScript; native code serves interrupts
   * only when it is over.
   */
  readonly latencyNs: number;
}

const maxFrames = 64;
const minStacks = 5;

// Call sites rather than the text of the stack: they know where a function starts, which tells two
// functions of one name apart. Programs set both Error properties, so ours last only for one `new Error`.
const snippet = `((sentNs) => {
  const limit = Error.stackTraceLimit, prepare = Error.prepareStackTrace;
  let sites;
  try {
    Error.stackTraceLimit = ${maxFrames};
    Error.prepareStackTrace = (_, callSites) => callSites;
    sites = new Error().stack;
  } finally {
    Error.stackTraceLimit = limit;
    Error.prepareStackTrace = prepare;
  }
  const nowNs = Number(process.hrtime.bigint());
  const frames = Array.isArray(sites) ? sites.map((s) => [
    s.getFunctionName() ?? '', s.getScriptNameOrSourceURL?.() ?? s.getFileName() ?? '',
    s.getLineNumber() ?? 0, s.getColumnNumber() ?? 0,
    s.getEnclosingLineNumber?.() ?? 0, s.getEnclosingColumnNumber?.() ?? 0,
    s.isAsync() ? 1 : 0, s.isConstructor() ? 1 : 0, s.getFileName() ? '' : s.getTypeName() ?? '',
  ]) : [];
  return [nowNs, nowNs - sentNs, frames];
})`;

type RawFrame = [string, string, number, number, number, number, 0 | 1, 0 | 1, string];

/**
 * Interrupts the thread `count` times, `everyMs` apart, and returns what it was doing.
 *
 * Always the right function with line and column, also in code that the profiler cannot name, but
 * biased: interrupts are served on loop back-edges and function entries. Costs the thread some tens
 * of microseconds each. Stops early when the session closes, or after `maxMs` with at least five
 * stacks.
 */
export async function captureStacks(
  session: CdpSession,
  count: number,
  everyMs: number,
  maxMs: number = Infinity,
): Promise<InterruptStack[]> {
  const stacks: InterruptStack[] = [];
  const startMs = performance.now();
  while (stacks.length < count && !session.isClosed) {
    if (stacks.length >= minStacks && performance.now() - startMs > maxMs) break;
    if (stacks.length > 0) await delay(everyMs);
    try {
      stacks.push(await captureStack(session));
    } catch (error) {
      if (session.isClosed) break;
      throw error;
    }
  }
  return stacks;
}

async function captureStack(session: CdpSession): Promise<InterruptStack> {
  const sentNs = Number(process.hrtime.bigint());
  const [timestampNs, latencyNs, raw] = await evaluateSnippet<[number, number, RawFrame[]]>(
    session,
    'interrupt-stack',
    `${snippet}(${sentNs})`,
  );
  return { frames: raw.map(toFrame).filter(({ url }) => !isOwnUrl(url)), timestampNs, latencyNs };
}

function toFrame(raw: RawFrame): InterruptFrame {
  const [functionName, url, line, column, functionLine, functionColumn, async_, new_, typeName] =
    raw;
  return {
    functionName,
    // CommonJS scripts are named by path; profiles and the inspector turn that into a url.
    url: url.startsWith('/') ? pathToFileURL(url).href : url,
    line,
    column,
    functionLine,
    functionColumn,
    isAsync: async_ === 1,
    isConstructor: new_ === 1,
    typeName,
  };
}
