import { compilePattern } from '@extension-events/core';
import type { EventTypeDescriptor, Registry, Support } from '@extension-events/core';
import type { LinuxHost, PerfArming } from '@extension-events/platform-linux';
import { openTracepoints, whyNoTracepoints } from '@extension-events/platform-linux/tracefs';
import type { Tracepoints } from '@extension-events/platform-linux/tracefs';
import { Armed } from './armed.ts';
import { listProbes, listTracepoints } from './catalogue.ts';
import { describeTracepoint, describeUprobe, describeUsdt, producerId } from './events.ts';
import { parseProbeName, schemes } from './names.ts';
import type { ProbeName } from './names.ts';
import { mayIncludeKernel } from './permission.ts';
import { findFile, findInstruction, findUsdt } from './probe-file.ts';
import { openTracepoint } from './tracepoint-source.ts';
import type { ProbeArming, RunningTracepoints, TracepointProducer, TracepointProducerOptions } from './types.ts'; // prettier-ignore
import { openUprobe } from './uprobe-source.ts';
import { openUsdt, prepareSite } from './usdt-source.ts';

/**
 * Creates the producer of `tracepoint:…`, `uprobe:…`, `uretprobe:…` and `usdt:…` for any Linux process.
 *
 * Creating it does nothing. A started one registers a type when it is asked to provide it by name; the kernel's
 * side is opened while somebody listens.
 */
export function createTracepointProducer(options: TracepointProducerOptions = {}): TracepointProducer { // prettier-ignore
  return {
    id: producerId,
    description: 'Makes kernel tracepoints and probes in programs events of the threads that run into them.',
    placement: 'host',
    eventTypes: [],
    schemes,
    isSupported: () => isSupported(options),
    catalogue: (pattern, pid) => catalogue(pattern, pid, options),
    start: (registry, host) => new Running(registry, host, options),
  };
} // prettier-ignore

function isSupported({ tracepoints, opened }: TracepointProducerOptions): Support {
  const { platform, arch } = process;
  if (platform !== 'linux' || (arch !== 'x64' && arch !== 'arm64')) {
    return { ok: false, code: 'EE_TRACEPOINT_UNSUPPORTED', reason: `Tracepoints are used through perf_event_open(2) of Linux on x64 or arm64; this is ${platform} on ${arch}.`, hint: 'Run it on Linux, where the watched process is.' }; // prettier-ignore
  }
  const refusal = opened === undefined ? whyNoTracepoints(tracepoints) : undefined;
  if (refusal === undefined) return { ok: true };
  return { ok: false, code: refusal.code, reason: refusal.message, hint: refusal.hint };
}

async function catalogue(
  pattern: string,
  pid: number | undefined,
  options: TracepointProducerOptions,
): Promise<EventTypeDescriptor[]> {
  const matches = compilePattern(pattern);
  const probes = listProbes(pattern, pid);
  // Nothing of the kernel can match `uprobe:…`; names without a scheme are nobody's here.
  if (/^u\w*:/.test(pattern) || !/[:*?]/.test(pattern)) return probes;
  using own = options.opened === undefined ? await openTracepoints(options.tracepoints) : undefined;
  const tracepoints = own ?? options.opened;
  const listed = tracepoints === undefined ? [] : listTracepoints(tracepoints, matches, mayIncludeKernel()); // prettier-ignore
  return [...listed, ...probes];
}

/** Opens what an arming needs; nothing is open before. */
type Opener = (arming: ProbeArming) => readonly (() => PerfArming)[];

interface Provided {
  readonly descriptor: EventTypeDescriptor;
  readonly open: Opener;
}

class Running implements RunningTracepoints {
  readonly #registry: Registry;
  readonly #host: LinuxHost;
  readonly #options: TracepointProducerOptions;
  /** Names that are registered, or about to be. */
  readonly #provided: Map<string, Promise<void> | undefined> = new Map();
  readonly #types: { unregister(): void }[] = [];
  readonly #armed = new Armed();
  #tracepoints: Promise<Tracepoints> | undefined;
  #isOver = false;

  constructor(registry: Registry, host: LinuxHost, options: TracepointProducerOptions) {
    this.#registry = registry;
    this.#host = host;
    this.#options = options;
  }

  /** @throws ExtensionEventError when there is no such thing, with similar names */
  provide(name: string): void | Promise<void> {
    if (this.#provided.has(name)) return this.#provided.get(name);
    const found = this.#find(parseProbeName(name), name);
    if (!(found instanceof Promise)) return this.#register(found);
    // One that fails may be asked for again: the library may have been loaded meanwhile.
    const forget = (error: unknown): never => {
      this.#provided.delete(name);
      throw error;
    };
    const providing = found.then((each) => this.#register(each)).catch(forget);
    this.#provided.set(name, providing);
    return providing;
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    for (const type of this.#types.splice(0)) type.unregister();
    this.#armed[Symbol.dispose]();
    this.#provided.clear();
    void this.#tracepoints?.then((each) => each[Symbol.dispose]()).catch(() => {});
    this.#tracepoints = undefined;
  }

  #register({ descriptor, open }: Provided): void {
    if (this.#isOver) return;
    const type = this.#registry.registerEventType({
      ...descriptor,
      separatesStops: true,
      arm: (arming) => this.#armed.arm(arming, open(arming as unknown as ProbeArming)),
      disarm: (arming) => this.#armed.disarm(arming),
    });
    this.#types.push(type);
    this.#provided.set(descriptor.name, undefined);
  }

  #find(parsed: ProbeName, name: string): Provided | Promise<Provided> {
    if (parsed.scheme === 'usdt') return this.#findUsdt(parsed, name);
    if (parsed.scheme !== 'tracepoint') return this.#findUprobe(parsed, name);
    const find = (tracepoints: Tracepoints): Provided => {
      const tracepoint = tracepoints.get(parsed.tracepoint);
      const descriptor = describeTracepoint(tracepoint, mayIncludeKernel());
      const open: Opener = (arming) => [() => openTracepoint(this.#host, arming, tracepoint)];
      return { descriptor, open };
    };
    const { opened } = this.#options;
    return opened === undefined ? this.#open().then(find) : find(opened);
  }

  #findUprobe(
    { scheme, file, symbol }: Extract<ProbeName, { symbol: string }>,
    name: string,
  ): Provided {
    const host = this.#host;
    const isReturn = scheme === 'uretprobe';
    const path = findFile(file, host.pid);
    const place = findInstruction(path, symbol, isReturn, host.pid);
    const open: Opener = (arming) => [() => openUprobe(host, arming, path, place, isReturn)];
    return { descriptor: describeUprobe(name), open };
  }

  async #findUsdt(
    { file, provider, probe }: Extract<ProbeName, { scheme: 'usdt' }>,
    name: string,
  ): Promise<Provided> {
    const host = this.#host;
    const path = findFile(file, host.pid);
    const places = findUsdt(path, provider, probe, host.pid);
    const sites = await Promise.all(places.map((place) => prepareSite(host, path, place)));
    const descriptor = describeUsdt(name, sites.map((site) => site.arguments)); // prettier-ignore
    const { fields } = descriptor;
    return { descriptor, open: (arming) => sites.map((site) => () => openUsdt(host, arming, path, site, fields)) }; // prettier-ignore
  }

  #open(): Promise<Tracepoints> {
    if (this.#tracepoints !== undefined) return this.#tracepoints;
    const opening = openTracepoints(this.#options.tracepoints);
    this.#tracepoints = opening;
    // Root may export them while we run.
    opening.catch(() => (this.#tracepoints = undefined));
    return opening;
  }
}
