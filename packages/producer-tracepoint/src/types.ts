import type { Arming, EventTypeDescriptor, Producer, Registry, RunningProducer, Support } from '@extension-events/core'; // prettier-ignore
import type { LinuxHost } from '@extension-events/platform-linux';
import type { Tracepoints, TracepointsOptions } from '@extension-events/platform-linux/tracefs';

/** The producer of tracepoints and probes: it registers each type when it is asked to provide it. */
export interface TracepointProducer extends Producer<LinuxHost> {
  readonly placement: 'host';
  readonly schemes: readonly string[];
  isSupported(): Support;
  catalogue(pattern: string, pid?: number): Promise<readonly EventTypeDescriptor[]>;
  start(registry: Registry, host: LinuxHost): RunningTracepoints;
}

/** A started producer. */
export interface RunningTracepoints extends RunningProducer {
  provide(name: string): void | Promise<void>;
}

/** For tests and unusual systems. */
export interface TracepointProducerOptions {
  /** Where tracefs and the exported tracepoints are. */
  readonly tracepoints?: TracepointsOptions;
  /** Tracepoints that are open already; they stay open. */
  readonly opened?: Tracepoints;
}

/** What a listener asks for, defaults filled in; probes in programs have `stack` alone. */
export type ProbeRequest = {
  readonly filter?: string;
  readonly kernel?: boolean;
  readonly stack?: boolean;
};

/** What a source needs of an arming; the registry has checked the request against the descriptor. */
export type ProbeArming = Pick<Arming, 'armId' | 'isStop' | 'lose' | 'post' | 'subject'> & {
  readonly request: ProbeRequest;
};
