/** `perfmon.threshold`: one timer for each arming, which reads a file of /proc. */
import { ExtensionEventError, monotonicNs, type Subject } from '@extension-events/core';
import type { LinuxHost } from '@extension-events/platform-linux';
import { Edge } from './edge.ts';
import { getResource, growth, type Look, type Resource } from './resources.ts';
import { stopAtNextRun } from './stop-soon.ts';
import type { ThresholdArming } from './types.ts';

/**
 * Polls for one arming until disposed.
 *
 * @throws ExtensionEventError `EE_PERFMON_RESOURCE`, `EE_PERFMON_SUBJECT`
 */
export class ThresholdWatch implements Disposable {
  readonly #host: LinuxHost;
  readonly #arming: ThresholdArming;
  readonly #resource: Resource;
  readonly #subject: Subject;
  readonly #tid: number | undefined;
  readonly #edge: Edge;
  readonly #nowNs: () => number;
  readonly #timer: NodeJS.Timeout;
  #before: { readonly look: Look; readonly atNs: number } | undefined;
  #stop: Disposable | undefined;

  /** @param nowNs - CLOCK_MONOTONIC; tests bring their own, and resources too */
  constructor(
    host: LinuxHost,
    arming: ThresholdArming,
    resource: Resource = getResource(arming.request.resource),
    nowNs: () => number = monotonicNs,
  ) {
    const { request, subject } = arming;
    this.#host = host;
    this.#arming = arming;
    this.#resource = resource;
    this.#nowNs = nowNs;
    this.#subject = subject ?? { tid: host.pid, threadId: 0 };
    this.#tid = checkSubject(this.#resource, host, subject);
    this.#edge = new Edge(request.above, this.#resource.isCount);
    this.#poll(true);
    this.#timer = setInterval(() => this.#poll(false), request.everyMs);
    this.#timer.unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#stop?.[Symbol.dispose]();
    this.#stop = undefined;
  }

  #poll(isFirst: boolean): void {
    const value = this.#measure(isFirst);
    if (value === undefined || !this.#edge.passes(value)) return;
    // In the constructor nobody is armed yet who could hear it.
    if (isFirst) setImmediate(() => this.#tell(value)).unref();
    else this.#tell(value);
  }

  #measure(isFirst: boolean): number | undefined {
    const { leastMs, perNs } = this.#resource;
    const now = { look: this.#look(isFirst), atNs: this.#nowNs() };
    if (typeof now.look === 'number') return now.look;
    if (now.look === undefined) return undefined;
    const { look, atNs } = this.#before ?? {};
    const elapsedNs = atNs === undefined ? 0 : now.atNs - atNs;
    if (atNs !== undefined && elapsedNs < leastMs * 1e6) return undefined;
    this.#before = { look: now.look, atNs: now.atNs };
    if (look === undefined || typeof look === 'number' || elapsedNs <= 0) return undefined;
    return (growth(look, now.look) / elapsedNs) * perNs;
  }

  // A process that has ended is no longer told about; whoever owns the host sees its end.
  #look(isFirst: boolean): Look | undefined {
    try {
      const look = this.#resource.look({ pid: this.#host.pid, tid: this.#tid });
      if (look === undefined && isFirst) throw new Error('the kernel does not tell it');
      return look;
    } catch (error) {
      if (isFirst) throw unreadable(this.#resource, this.#host.pid, this.#tid, error);
      return undefined;
    }
  }

  #tell(value: number): void {
    const { request, isStop } = this.#arming;
    const { name: resource, unit } = this.#resource;
    const payload = { resource, value, limit: request.above, unit };
    if (!isStop) {
      this.#arming.post(payload, this.#subject);
      return;
    }
    this.#stop?.[Symbol.dispose]();
    this.#stop = stopAtNextRun(this.#host, this.#tid, (tid, timeNs, note) => {
      this.#arming.post({ ...payload, note }, { ...this.#subject, tid }, timeNs);
    });
  }
}

// What belongs to the process is asked for without a thread, or with the main one, which stands for it.
function checkSubject(
  { name, isPerThread }: Resource,
  { pid }: LinuxHost,
  subject: Subject | undefined,
): number | undefined {
  if (subject === undefined) return undefined;
  if (isPerThread) return subject.tid;
  if (subject.tid === pid) return undefined;
  throw new ExtensionEventError(
    'EE_PERFMON_SUBJECT',
    `${name} belongs to process ${pid}, not to its thread ${subject.tid}.`,
    'Listen without a thread, or with the main thread, which stands for the process.',
  );
}

function unreadable(
  { name }: Resource,
  pid: number,
  tid: number | undefined,
  cause: unknown,
): ExtensionEventError {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  const what = tid === undefined ? `process ${pid}` : `thread ${tid} of process ${pid}`;
  const isForbidden = code === 'EACCES' || code === 'EPERM';
  const isGone = code === 'ENOENT' || code === 'ESRCH';
  return new ExtensionEventError(
    'EE_PERFMON_RESOURCE',
    `${name} of ${what} could not be read: ${isGone ? 'it has ended, or this kernel has no such file' : message}.`,
    isForbidden
      ? 'Run as the user of that process, or as root.'
      : 'Choose a thread that lives, or another resource.',
    { cause },
  );
}
