/** `perfmon.overflow`: one perf event for each arming; its samples are the events. */
import type { LinuxHost, PerfRequest, PerfSample } from '@extension-events/platform-linux';
import type { Symbols } from '@extension-events/platform-linux/symbols';
import { type Counter, getCounter, resolvePeriod } from './counters.ts';
import { checkMembers, describeValues, explainGroup, membersOf, parseGroup } from './group.ts';
import { openCounter } from './open-counter.ts';
import type { OverflowArming, PerfmonOverflowPayload } from './types.ts';

/**
 * Counts for one arming until disposed: on its thread, or on all of the process and those to come.
 *
 * @throws ExtensionEventError `EE_PERFMON_COUNTER_UNKNOWN`, `EE_PERFMON_COUNTER_ABSENT`,
 * `EE_PERFMON_KERNEL_NEEDED`, `EE_PERFMON_PERIOD`, `EE_PERFMON_GROUP` and what {@link LinuxHost.perf} throws
 */
export function armOverflow(host: LinuxHost, arming: OverflowArming): Disposable {
  const { request, subject, isStop } = arming;
  const counter = getCounter(request.counter);
  const period = resolvePeriod(counter, request.period);
  const members = parseGroup(counter, request.with);
  const where = { ...(subject && { tid: subject.tid }), includesKernel: request.kernel };
  checkMembers(host.perf, members, where);
  const asked: Omit<PerfRequest, 'event'> = {
    rate: { period },
    ...where,
    ...(members.length > 0 && { group: membersOf(members, request) }),
    signalsThread: isStop,
    callchain: true,
    read: true,
    onSample: (sample) => {
      const payload = describe(sample, { counter, members, period }, host.symbols);
      arming.post(payload, { tid: sample.tid, threadId: subject?.threadId ?? 0 }, sample.timeNs);
    },
    onLost: (count) => arming.lose(count),
  };
  try {
    return openCounter(host.perf, counter, asked);
  } catch (error) {
    throw explainGroup(error, counter, members);
  }
}

interface Asked {
  readonly counter: Counter;
  readonly members: readonly Counter[];
  readonly period: number;
}

function describe(
  sample: PerfSample,
  { counter: { name }, members, period }: Asked,
  symbols: Symbols,
): PerfmonOverflowPayload {
  const { value, enabledNs, runningNs } = sample.count;
  const rawCount = Number(value);
  const isScaled = runningNs > 0 && runningNs < enabledNs;
  const factor = isScaled ? enabledNs / runningNs : 1;
  const { symbol, module } = symbols.resolve(sample.pcBig);
  const chain = sample.callchain().map(({ address }) => address);
  return {
    counter: name,
    count: Math.round(rawCount * factor),
    rawCount,
    period,
    enabledNs,
    runningNs,
    isScaled,
    ...describeValues(sample, members, factor),
    pc: sample.pcBig,
    ...(symbol !== undefined && { symbol }),
    ...(module !== undefined && { module }),
    stack: symbols.formatStack(chain.length > 0 ? chain : [sample.pcBig]),
  };
}
