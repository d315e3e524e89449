import type { LinuxHost, PerfArming, PerfRequest, PerfSample, PerfSession } from '@extension-events/platform-linux'; // prettier-ignore

/** What the host does at the samples of its producers. */
export interface SampleEvents {
  /** Around a sample that sent its thread a signal: what is posted in between decides on the stop. */
  signalled(tid: number, post: () => void): void;
  /** Many samples have been posted in one go: now is a good time to make room. */
  relieve(): void;
}

// Samples come in long runs, during which nothing else of this process runs.
const samplesPerRelief = 64;

/** The platform as producers of this host see it: the host looks over their samples. */
export class HostedLinux implements LinuxHost {
  readonly pid: number;
  readonly perf: PerfSession;
  readonly symbols: LinuxHost['symbols'];
  /** Threads for which an agent speaks; the consumers tell. */
  readonly #isScripted: (tid: number) => boolean;
  readonly #linux: LinuxHost;

  constructor(linux: LinuxHost, isScripted: (tid: number) => boolean, events: SampleEvents) {
    this.pid = linux.pid;
    this.#linux = linux;
    this.symbols = linux.symbols;
    this.#isScripted = isScripted;
    this.perf = new HostedPerf(linux.perf, events);
  }

  get threads(): LinuxHost['threads'] {
    return this.#linux.threads;
  }

  onThreads(listener: Parameters<LinuxHost['onThreads']>[0]): Disposable {
    return this.#linux.onThreads(listener);
  }

  isScripted(tid: number): boolean {
    return this.#isScripted(tid) || this.#linux.isScripted(tid);
  }
}

class HostedPerf implements PerfSession {
  readonly #perf: PerfSession;
  readonly #events: SampleEvents;
  #untilRelief = samplesPerRelief;

  constructor(perf: PerfSession, events: SampleEvents) {
    this.#perf = perf;
    this.#events = events;
  }

  open(request: PerfRequest): PerfArming {
    const onSample =
      request.signalsThread === true
        ? (sample: PerfSample) => this.#events.signalled(sample.tid, () => request.onSample(sample))
        : (sample: PerfSample) => {
            request.onSample(sample);
            if (--this.#untilRelief > 0) return;
            this.#untilRelief = samplesPerRelief;
            this.#events.relieve();
          };
    return this.#perf.open({ ...request, onSample });
  }

  rearm(tid: number): void {
    this.#perf.rearm(tid);
  }

  drain(): void {
    this.#perf.drain();
  }

  settle(): void {
    this.#perf.settle();
  }
}
