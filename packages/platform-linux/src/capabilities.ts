import type { ExtensionEventError } from '@extension-events/core';
import { loadNative } from './native/native.ts';
import type { Native } from './native/native.ts';
import { areBreakpointsSilent } from './perf/breakpoint-check.ts';
import { hardwareConfigs, softwareConfigs, toEventAttr } from './perf/event-spec.ts';
import { makeAttr } from './perf/make-attr.ts';
import { PerfOpener } from './perf/opener.ts';
import { findSubstitute, readSetting, silentBreakpoints, toPerfError } from './perf/perf-error.ts';
import type {
  HardwareEvent,
  PerfEventSpec,
  PerfRequest,
  SoftwareEvent,
} from './perf/session-types.ts';

/** Whether something works here for this user, as plain data. */
export type Ability =
  | { readonly isOk: true }
  | {
      readonly isOk: false;
      readonly code: string;
      readonly reason: string;
      readonly hint: string;
      /** The counter that comes nearest. */
      readonly substitute?: string;
    };

/** A counter and whether it can be had. */
export interface CounterAbility {
  readonly name: string;
  readonly kind: 'software' | 'hardware' | 'hardware-cache';
  readonly unit: 'ns' | 'events';
  readonly event: PerfEventSpec;
  readonly ability: Ability;
}

/** What perf_event_open(2) can do on this machine for this user. */
export interface PerfCapabilities {
  readonly counters: readonly CounterAbility[];
  /** Debug registers of a thread that are free for write and read-write breakpoints. */
  readonly watchSlots: number;
  /** The same for execute breakpoints; on x86-64 both share four registers. */
  readonly executeSlots: number;
  /** Do hardware breakpoints fire? Tried on a word of our own: not every hypervisor lets them. */
  readonly breakpoints: Ability;
  /** Can an event raise SIGTRAP in its thread (Linux 5.13)? */
  readonly hasSigtrap: boolean;
  readonly uprobes: Ability;
  /** May the kernel's part be seen? */
  readonly kernel: Ability;
  /** May all processes be watched at once? */
  readonly systemWide: Ability;
  /** kernel.perf_event_paranoid; `undefined`: this kernel was built without perf events. */
  readonly paranoid: number | undefined;
  readonly maxSampleRateHz: number | undefined;
  /** Memory for rings: KiB for each CPU, and the process's limit of locked memory beyond. */
  readonly mlockKb: number | undefined;
}

/** Generic cache events: cache | operation << 8 | result << 16, PERF_COUNT_HW_CACHE_*. */
const cacheEvents: Readonly<Record<string, number>> = {
  'l1d-loads': 0x0,
  'l1d-load-misses': 0x1_00_00,
  'l1i-load-misses': 0x1_00_01,
  'llc-loads': 0x2,
  'llc-load-misses': 0x1_00_02,
  'dtlb-load-misses': 0x1_00_03,
  'itlb-load-misses': 0x1_00_04,
};

/**
 * Finds out what works, by opening each event on this very thread and closing it again: a counter's
 * name in a list does not tell whether the machine has it.
 *
 * @throws ExtensionEventError `EE_LINUX_PLATFORM`, `EE_LINUX_NATIVE`
 */
export async function findPerfCapabilities(): Promise<PerfCapabilities> {
  const native = await loadNative();
  const prober = new Prober(native);
  const clock: PerfEventSpec = { type: 'software', event: 'cpu-clock' };
  return {
    counters: listCounters().map((counter) => ({ ...counter, ability: prober.try(counter.event) })),
    watchSlots: prober.countSlots('write'),
    executeSlots: prober.countSlots('execute'),
    breakpoints: prober.tryBreakpoint(),
    hasSigtrap: prober.hasSigtrap(),
    uprobes: prober.try({ type: 'uprobe', path: '/proc/self/exe', offset: 0n, isReturn: false }),
    kernel: prober.try(clock, { includesKernel: true }),
    systemWide: prober.try(clock, { isSystemWide: true }),
    paranoid: readSetting('perf_event_paranoid'),
    maxSampleRateHz: readSetting('perf_event_max_sample_rate'),
    mlockKb: readSetting('perf_event_mlock_kb'),
  };
}

function listCounters(): Omit<CounterAbility, 'ability'>[] {
  const software = Object.keys(softwareConfigs) as SoftwareEvent[];
  const hardware = Object.keys(hardwareConfigs) as HardwareEvent[];
  return [
    ...software.map((name) => ({
      name,
      kind: 'software' as const,
      unit: name.endsWith('-clock') ? ('ns' as const) : ('events' as const),
      event: { type: 'software', event: name } as const,
    })),
    ...hardware.map((name) => ({
      name,
      kind: 'hardware' as const,
      unit: 'events' as const,
      event: { type: 'hardware', event: name } as const,
    })),
    ...Object.entries(cacheEvents).map(([name, config]) => ({
      name,
      kind: 'hardware-cache' as const,
      unit: 'events' as const,
      event: { type: 'hardware-cache', config } as const,
    })),
  ];
}

class Prober {
  readonly #native: Native;
  readonly #opener: PerfOpener;
  /** Something to watch; events stay switched off. */
  readonly #cell = new BigUint64Array(1);

  constructor(native: Native) {
    this.#native = native;
    this.#opener = new PerfOpener(native);
  }

  try(event: PerfEventSpec, more: Partial<PerfRequest> = {}): Ability {
    const request: PerfRequest = { event, rate: { period: 1_000_000 }, onSample() {}, ...more };
    const result = this.#open(request);
    if (result >= 0) {
      this.#native.close(result);
      return { isOk: true };
    }
    return toAbility(toPerfError({ request, tid: process.pid, step: 'open', result }), event);
  }

  #open(request: PerfRequest): number {
    const text = 'path' in request.event ? Buffer.from(`${request.event.path}\0`) : undefined;
    const attr = makeAttr(request, {
      opener: this.#opener,
      coverage: 'thread',
      arch: process.arch,
      uprobePath: () => (text === undefined ? 0n : this.#native.addressOf(text)),
    });
    if (attr === undefined) return -2;
    return request.isSystemWide === true
      ? this.#opener.open(attr, -1, 0)
      : this.#opener.open(attr, 0, -1);
  }

  /** Opens breakpoints until the kernel has no more. */
  countSlots(access: 'write' | 'execute'): number {
    const event = { type: 'breakpoint', access, address: this.#address(), lengthBytes: 8 } as const;
    const fds: number[] = [];
    for (let fd = 0; fds.length < 64; fds.push(fd)) {
      fd = this.#open({ event, rate: { period: 1 }, onSample() {} });
      if (fd < 0) break;
    }
    for (const fd of fds) this.#native.close(fd);
    return fds.length;
  }

  tryBreakpoint(): Ability {
    const event = { type: 'breakpoint', access: 'write', address: this.#address(), lengthBytes: 8 } as const; // prettier-ignore
    const ability = this.try(event, { rate: { period: 1 } });
    const isSilent = ability.isOk && areBreakpointsSilent(this.#opener);
    return isSilent ? toAbility(silentBreakpoints(event), event) : ability;
  }

  #address(): bigint {
    return this.#native.addressOf(this.#cell);
  }

  hasSigtrap(): boolean {
    const event = toEventAttr({ type: 'software', event: 'task-clock' });
    if (event === undefined) return false;
    const flags = ['disabled', 'excludeKernel', 'sigtrap', 'removeOnExec'] as const;
    const fd = this.#opener.open({ ...event, period: 1_000_000, flags }, 0, -1);
    if (fd >= 0) this.#native.close(fd);
    return fd >= 0;
  }
}

function toAbility({ code, message, hint }: ExtensionEventError, event: PerfEventSpec): Ability {
  const substitute = findSubstitute(event);
  const isAbsent = code === 'EE_PERF_ABSENT' && substitute !== undefined;
  return { isOk: false, code, reason: message, hint, ...(isAbsent ? { substitute } : {}) };
}
