import type { AnyPayload } from '@extension-events/core';
import type { LinuxHost, PerfArming, PerfRequest, PerfSample } from '@extension-events/platform-linux'; // prettier-ignore
import type { ProbeArming } from './types.ts';

/** What differs from one kind of probe to the other. */
export interface Probe extends Pick<
  PerfRequest,
  'event' | 'filter' | 'includesKernel' | 'raw' | 'userRegisters' | 'userStackBytes'
> {
  /** The fields of the event; `undefined`: the record is damaged, and the event lost. */
  readonly read: (sample: PerfSample) => AnyPayload | undefined;
}

/** Opens one perf event for an arming: each of its samples is posted. */
export function openProbe(host: LinuxHost, arming: ProbeArming, probe: Probe): PerfArming {
  const { request, subject, isStop } = arming;
  const { read, ...rest } = probe;
  return host.perf.open({
    ...rest,
    rate: { period: 1 },
    ...(subject && { tid: subject.tid }),
    signalsThread: isStop,
    callchain: request.stack === true,
    onSample: (sample) => {
      const payload = read(sample);
      if (payload === undefined) return arming.lose(1);
      const withStack = request.stack === true && payload['stack'] === undefined;
      const posted = withStack ? { ...payload, stack: stackOf(host, sample) } : payload;
      arming.post(posted, { tid: sample.tid, threadId: subject?.threadId ?? 0 }, sample.timeNs);
    },
    onLost: (count) => arming.lose(count),
  });
}

function stackOf({ symbols }: LinuxHost, sample: PerfSample): string {
  const chain = sample.callchain().map(({ address }) => address);
  return symbols.formatStack(chain.length > 0 ? chain : [sample.pcBig]);
}
