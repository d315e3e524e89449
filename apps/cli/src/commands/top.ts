import { setTimeout as delay } from 'node:timers/promises';
import { createProfilerGraph } from '@extension-events/consumer-profiler-graph';
import { parseExpression } from '@extension-events/script/expression';
import type { Session } from '@extension-events/session';
import { type Attached, attachWithin, openToolSession } from '../attach.ts';
import { checkPatterns } from '../check-patterns.ts';
import { paint } from '../colour.ts';
import { exitCode } from '../exit-codes.ts';
import { expandPatterns } from '../expand-patterns.ts';
import { onInterrupt } from '../interrupt.ts';
import { tellEnd, whenStopped } from '../listen-end.ts';
import { print, readerGone, say, toJson } from '../output.ts';
import { requireLinux } from '../platform.ts';
import { chooseTarget, type TargetWords } from '../target.ts';
import { formatPicture } from '../top/format.ts';
import { TopModel } from '../top/model.ts';
import { TopScreen } from '../top/screen.ts';
import { topShape } from '../top/shape.ts';

interface TopCommand extends TargetWords {
  readonly where?: string;
  readonly interval?: number;
  readonly count?: number;
  readonly json?: boolean;
}

type End = 'enough' | 'quit' | 'interrupted' | 'reader-gone' | 'gone';

const usualIntervalMs = 1000;
const lookMs = 1000;
const waitMs = 30_000;
const readyMs = 10_000;
const plainWidth = 160;
/** The graph tells its last values within half a second. */
const lastMs = 700;
/** Everything that is posted anyway. Nothing is loaded or armed for it. */
const everything = ['**'];

/** `extev top`: without a pattern, what the processes post by themselves. */
export async function top(options: TopCommand): Promise<number> {
  requireLinux();
  const { patterns, target } = await chooseTarget(options);
  checkPatterns(patterns);
  if (options.where !== undefined) parseExpression(options.where);
  const isBare = patterns.length === 0;
  using interrupt = onInterrupt();
  // Without a target, all processes that have an agent, now and later: none is injected into.
  const sight = target === undefined ? ({ join: 'agents', lookMs } as const) : {};
  const tools = await openToolSession({ name: 'extev top', ...sight }, isBare);
  const { session } = tools;
  let attached: Attached | undefined;
  try {
    if (target !== undefined)
      attached = await attachWithin(tools, target, { signal: interrupt.signal, waitMs, hasInput: false, ...(isBare ? {} : { patterns }) }); // prettier-ignore
    const names =
      attached === undefined ? patterns : await expandPatterns(patterns, attached.connection.pid);
    const run = { session, attached, names: isBare ? everything : names };
    return await follow(run, options, interrupt.pressed);
  } catch (error) {
    if (interrupt.signal.aborted) return exitCode.interrupted;
    throw error;
  } finally {
    await session.close();
    await attached?.close();
  }
}

interface Run {
  readonly session: Session;
  readonly attached: Attached | undefined;
  readonly names: readonly string[];
}

async function follow(
  { attached, names, session }: Run,
  { count, interval = usualIntervalMs, json = false, where }: TopCommand,
  interrupted: Promise<'interrupted'>,
): Promise<number> {
  await using graph = createProfilerGraph(session, {
    updatesPerSecond: Math.max(2, 1000 / interval),
  });
  using model = new TopModel(graph, names, where);
  const readyBy = performance.now() + readyMs;
  while (!model.isReady && performance.now() < readyBy) await delay(20);
  model.look(); // fields are followed from here on, and rates are between two looks
  attached?.begin();
  const isScreen = process.stdout.isTTY && !json;
  if (!isScreen) say(tellHeard(names, attached?.connection.pid));
  const over: Promise<End>[] = [interrupted, readerGone];
  if (attached !== undefined) over.push(attached.connection.ended.then(() => 'gone' as const));
  const end = await tellUntil(over, { model, isScreen, json, count, interval });
  if (end === 'gone' && attached !== undefined) return tellEnd(attached.connection, attached.command, whenStopped(interrupted, undefined)); // prettier-ignore
  return end === 'interrupted' ? exitCode.interrupted : exitCode.ok;
}

interface Telling {
  readonly model: TopModel;
  readonly isScreen: boolean;
  readonly json: boolean;
  readonly count: number | undefined;
  readonly interval: number;
}

async function tellUntil(
  over: readonly Promise<End>[],
  { count = Number.POSITIVE_INFINITY, interval, isScreen, json, model }: Telling,
): Promise<End> {
  using screen = isScreen ? new TopScreen({ input: process.stdin, output: process.stdout }, paint) : undefined; // prettier-ignore
  const ends = screen === undefined ? over : [...over, screen.left];
  screen?.show(model.look());
  for (let left = count; left > 0; left--) {
    const end = await wait(ends, interval);
    // What was posted between the last look and the end of the program is told too.
    if (end === 'gone') await delay(lastMs);
    else if (end !== 'tick') return end;
    const picture = model.look();
    if (json) print(toJson(topShape(picture)));
    else if (screen !== undefined) screen.show(picture);
    else for (const line of [...formatPicture(picture, plainWidth, paint), '']) print(line);
    if (end !== 'tick') return end;
  }
  return 'enough';
}

async function wait(ends: readonly Promise<End>[], ms: number): Promise<End | 'tick'> {
  const over = new AbortController();
  const tick = delay(ms, 'tick' as const, { signal: over.signal });
  tick.catch(() => undefined);
  const end = await Promise.race([...ends, tick]);
  over.abort();
  return end;
}

function tellHeard(names: readonly string[], pid: number | undefined): string {
  const where = pid === undefined ? 'every process that has an agent' : `process ${pid}`;
  if (names !== everything) return `heard in ${where}: ${names.join(', ')}; end with Ctrl-C`;
  return `heard in ${where}: every event that is posted there anyway, which costs its thread a tenth of a microsecond each; patterns such as 'net.*' load and hear more; end with Ctrl-C`;
}
