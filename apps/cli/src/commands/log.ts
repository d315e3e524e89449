import {
  checkOut,
  createLogger,
  type Logger,
  type LoggerOptions,
} from '@extension-events/consumer-logger';
import { parseExpression } from '@extension-events/script/expression';
import { type Attached, attachWithin, openToolSession, type ToolSession } from '../attach.ts';
import { checkRequest } from '../check-request.ts';
import { checkPatterns } from '../check-patterns.ts';
import { tellCandidates } from '../candidates.ts';
import { exitCode } from '../exit-codes.ts';
import { expandPatterns } from '../expand-patterns.ts';
import { type Interrupt, onInterrupt } from '../interrupt.ts';
import { type LogEnd, sayAccount, TargetEnds, untilLogEnds } from '../log-end.ts';
import { LogNotices } from '../log-notices.ts';
import { type ChosenFormat, chooseFormat, chooseOut, type FormatWords } from '../log-options.ts';
import { chooseTargets, type LogTargets, type LogWords } from '../log-targets.ts';
import { say, usageError, yieldOutput } from '../output.ts';
import { refusePlaces } from '../refuse-places.ts';
import { parseRequest } from '../request.ts';
import { parseRotate } from '../rotate.ts';
import { tellHeard } from '../tell-heard.ts';

interface LogCommand extends LogWords, FormatWords {
  readonly where?: string;
  readonly request: readonly string[];
  readonly stack?: number;
  readonly rotate?: string;
  readonly maxHit?: number;
  readonly timeout?: number;
}

type LogTemplate = Omit<LoggerOptions, 'patterns' | 'targets'>;

// The program's entry waits this long; whoever logs is there at once, or not at all.
const waitMs = 30_000;
/** How often to look for processes that appear in the session. */
const lookMs = 250;

/** `extev log` */
export async function log({ out, ...words }: LogCommand): Promise<number> {
  const chosen = chooseOut(out);
  const options = { ...words, ...(chosen === undefined ? {} : { out: chosen }) };
  const targets = await chooseTargets(options);
  checkPatterns(targets.patterns);
  if (options.where !== undefined) parseExpression(options.where);
  const format = chooseFormat(options);
  const template = logTemplate(options, format);
  // Nothing is attached to, or started, for a log that has no place.
  if (options.out !== undefined) checkOut(options.out);
  using interrupt = onInterrupt();
  let tools: ToolSession | undefined;
  const attached: Attached[] = [];
  try {
    tools = await openToolSession({ name: 'extev log', ...(targets.isSession ? { join: 'agents', lookMs } : {}) }); // prettier-ignore
    for (const target of targets.targets) {
      const { signal } = interrupt;
      const one = await attachWithin(tools, target, { signal, patterns: targets.patterns, waitMs, hasInput: true }); // prettier-ignore
      attached.push(one);
      if (one.command !== undefined) refusePlaces(one.command, template.request);
    }
    return await logUntilEnd(tools, attached, { targets, template, format, interrupt, options });
  } catch (error) {
    if (interrupt.signal.aborted) return exitCode.interrupted;
    throw error;
  } finally {
    await tools?.session.close();
    for (const one of attached) await one.close();
  }
}

interface LogRun {
  readonly targets: LogTargets;
  readonly template: LogTemplate;
  readonly format: ChosenFormat;
  readonly interrupt: Interrupt;
  readonly options: LogCommand;
}

async function logUntilEnd(
  { session }: ToolSession,
  attached: readonly Attached[],
  { format, interrupt, options, targets, template }: LogRun,
): Promise<number> {
  const pids = attached.map(({ connection }) => connection.pid);
  const expanded = await Promise.all(pids.map((pid) => expandPatterns(targets.patterns, pid)));
  const patterns = targets.isSession ? targets.patterns : [...new Set(expanded.flat())];
  for (const { connection } of attached) checkRequest(connection, patterns, template.request);
  const logger = createLogger(session, { ...template, patterns });
  const ends = new TargetEnds(attached);
  const notices = new LogNotices(logger);
  try {
    await logger.ready;
  } catch (error) {
    ends.stopTelling(); // it is we who leave
    notices.settle(error);
    throw error;
  }
  notices.settle();
  for (const { begin } of attached) begin();
  const where = targets.isSession ? 'every process that has an agent, now and later' : pids.map((pid) => `process ${pid}`).join(', '); // prettier-ignore
  say(`logging ${patterns.join(', ')} of ${where} to ${options.out ?? 'standard output'} as ${format.name}${format.why}; end with Ctrl-C`); // prettier-ignore
  for (const { connection } of attached) tellHeard(connection, patterns);
  const hints = tellAllCandidates(logger, attached, patterns, template);
  const end = await untilLogEnds(logger, {
    gone: ends.code,
    interrupted: interrupt.pressed,
    timeout: options.timeout,
  });
  for (const hint of hints) hint[Symbol.dispose]();
  if (end !== 'gone') ends.stopTelling();
  return finish(logger, end, ends, options.out);
}

function tellAllCandidates(
  logger: Logger,
  attached: readonly Attached[],
  patterns: readonly string[],
  { request }: LogTemplate,
): Disposable[] {
  const isSilent = (): boolean => logger.summary.matched === 0;
  return attached.flatMap(({ connection }) =>
    patterns.map(
      (pattern) =>
      tellCandidates(connection, { pattern, ...(request === undefined ? {} : { request }) }, isSilent), // prettier-ignore
    ),
  );
}

async function finish(
  logger: Logger,
  end: LogEnd,
  ends: TargetEnds,
  out: string | undefined,
): Promise<number> {
  const summary = await logger.close();
  sayAccount(summary, out);
  const { error } = summary;
  if (error !== undefined) {
    // Whoever reads our output may leave, as head does.
    if (out === undefined && error.code === 'EE_LOG_READER_GONE') return exitCode.ok;
    throw error;
  }
  switch (end) {
    case 'ended':
      return exitCode.ok;
    case 'interrupted':
      return exitCode.interrupted;
    case 'timeout':
      say('the time given by --timeout is over');
      return exitCode.timeout;
    case 'gone':
      return ends.code;
    default:
      return end satisfies never;
  }
}

/** @throws ExtensionEventError `EE_USAGE` */
function logTemplate(options: LogCommand, format: ChosenFormat): LogTemplate {
  const { maxHit, out, request, rotate, stack, where } = options;
  if (rotate !== undefined && out === undefined)
    throw usageError('--rotate is for files, and no --out is given.', 'Give --out FILE.');
  return {
    format: format.name,
    ...(request.length === 0 ? {} : { request: parseRequest(request) }),
    ...(where === undefined ? {} : { where }),
    ...(stack === undefined ? {} : { stack }),
    ...(maxHit === undefined ? {} : { maxHit }),
    ...(rotate === undefined ? {} : { rotate: parseRotate(rotate) }),
    out: out ?? yieldOutput(),
  };
}
