import { readFileSync } from 'node:fs';
import { perfType } from './constants.ts';
import type { PerfAttr } from './attr.ts';
import type { HardwareEvent, PerfEventSpec, SoftwareEvent } from './session-types.ts';

/** perf_event_attr.config of each software event, PERF_COUNT_SW_*. */
export const softwareConfigs: Readonly<Record<SoftwareEvent, number>> = {
  'cpu-clock': 0,
  'task-clock': 1,
  'page-faults': 2,
  'context-switches': 3,
  'cpu-migrations': 4,
  'minor-faults': 5,
  'major-faults': 6,
  'alignment-faults': 7,
  'emulation-faults': 8,
  'cgroup-switches': 11,
};

/** An event that only carries a ring and says which threads come and go. */
export const dummyConfig = 9n;

/** perf_event_attr.config of each hardware event, PERF_COUNT_HW_*. */
export const hardwareConfigs: Readonly<Record<HardwareEvent, number>> = {
  cycles: 0,
  instructions: 1,
  'cache-references': 2,
  'cache-misses': 3,
  branches: 4,
  'branch-misses': 5,
  'bus-cycles': 6,
  'stalled-cycles-frontend': 7,
  'stalled-cycles-backend': 8,
  'ref-cycles': 9,
};

/** Software events that happen in the kernel: without it they count nothing at all. */
const kernelEvents: ReadonlySet<string> = new Set<SoftwareEvent>([
  'context-switches',
  'cpu-migrations',
  'cgroup-switches',
]);

/** Does the event make sense only when the kernel is included? */
export function isKernelEvent(event: PerfEventSpec): boolean {
  return event.type === 'software' && kernelEvents.has(event.event);
}

const breakpointTypes = { write: 2, 'read-write': 3, execute: 4 } as const;

/** What of an attr says which event it is. `config1` of a uprobe is the address of `path`. */
export interface EventAttr extends Pick<
  PerfAttr,
  'type' | 'config' | 'config1' | 'config2' | 'breakpointType'
> {
  readonly type: number;
  /** A uprobe's file, which the kernel reads from the address in config1. */
  readonly path?: string;
}

/** Reads the number of a dynamic PMU; `undefined` when the kernel has none of that name. */
export function findPmu(name: string): number | undefined {
  try {
    const text = readFileSync(`/sys/bus/event_source/devices/${name}/type`, 'utf8');
    return Number.parseInt(text, 10);
  } catch {
    return undefined;
  }
}

/** Translates an event; `undefined`: this kernel has no uprobes. */
export function toEventAttr(event: PerfEventSpec): EventAttr | undefined {
  switch (event.type) {
    case 'software':
      return { type: perfType.software, config: BigInt(softwareConfigs[event.event]) };
    case 'hardware':
      return { type: perfType.hardware, config: BigInt(hardwareConfigs[event.event]) };
    case 'hardware-cache':
      return { type: perfType.hwCache, config: BigInt(event.config) };
    case 'raw':
      return { type: perfType.raw, config: event.config };
    case 'tracepoint':
      return { type: perfType.tracepoint, config: BigInt(event.id) };
    case 'breakpoint':
      return {
        type: perfType.breakpoint,
        breakpointType: breakpointTypes[event.access],
        config1: event.address,
        config2: BigInt(event.lengthBytes),
      };
    case 'uprobe':
      break;
  }
  return toUprobeAttr(event);
}

function toUprobeAttr(event: PerfEventSpec & { type: 'uprobe' }): EventAttr | undefined {
  const type = findPmu('uprobe');
  if (type === undefined) return undefined;
  // Bit 0: at the return; bits 32 to 63: offset of the semaphore (format/retprobe, ref_ctr_offset).
  const config = (event.isReturn ? 1n : 0n) | ((event.semaphoreOffset ?? 0n) << 32n);
  return { type, config, config2: event.offset, path: event.path };
}

/** How an event is called in messages. */
export function describeEvent(event: PerfEventSpec): string {
  switch (event.type) {
    case 'software':
    case 'hardware':
      return event.event;
    case 'hardware-cache':
    case 'raw':
      return `${event.type} 0x${event.config.toString(16)}`;
    case 'tracepoint':
      return `tracepoint ${event.id}`;
    case 'breakpoint':
      return `${event.access} breakpoint at 0x${event.address.toString(16)} of ${event.lengthBytes} bytes`;
    case 'uprobe':
      break;
  }
  return `uprobe ${event.path}+0x${event.offset.toString(16)}`;
}
