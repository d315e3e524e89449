/** `perfmon.overflow`: one perf event for each arming; its samples are the events. */
import type { LinuxHost, PerfSample } from '@extension-events/platform-linux';
import type { Symbols } from '@extension-events/platform-linux/symbols';
import { type Counter, getCounter, resolvePeriod } from './counters.ts';
import { openCounter } from './open-counter.ts';
import type { OverflowArming, PerfmonOverflowPayload } from './types.ts';

/**
 * Counts for one arming until disposed: on its thread, or on all of the process and those to come.
 *
 * @throws ExtensionEventError `EE_PERFMON_COUNTER_UNKNOWN`, `EE_PERFMON_COUNTER_ABSENT`,
 * `EE_PERFMON_KERNEL_NEEDED`, `EE_PERFMON_PERIOD` and what {@link LinuxHost.perf} throws
 */
export function armOverflow(host: LinuxHost, arming: OverflowArming): Disposable {
  const { request, subject, isStop } = arming;
  const counter = getCounter(request.counter);
  const period = resolvePeriod(counter, request.period);
  return openCounter(host.perf, counter, {
    rate: { period },
    ...(subject && { tid: subject.tid }),
    includesKernel: request.kernel,
    signalsThread: isStop,
    callchain: true,
    read: true,
    onSample: (sample) => {
      const payload = describe(sample, counter, period, host.symbols);
      arming.post(payload, { tid: sample.tid, threadId: subject?.threadId ?? 0 }, sample.timeNs);
    },
    onLost: (count) => arming.lose(count),
  });
}

function describe(
  sample: PerfSample,
  { name }: Counter,
  period: number,
  symbols: Symbols,
): PerfmonOverflowPayload {
  const { value, enabledNs, runningNs } = sample.count;
  const rawCount = Number(value);
  const isScaled = runningNs > 0 && runningNs < enabledNs;
  const { symbol, module } = symbols.resolve(sample.pcBig);
  const chain = sample.callchain().map(({ address }) => address);
  return {
    counter: name,
    count: isScaled ? Math.round((rawCount * enabledNs) / runningNs) : rawCount,
    rawCount,
    period,
    enabledNs,
    runningNs,
    isScaled,
    pc: sample.pcBig,
    ...(symbol !== undefined && { symbol }),
    ...(module !== undefined && { module }),
    stack: symbols.formatStack(chain.length > 0 ? chain : [sample.pcBig]),
  };
}
