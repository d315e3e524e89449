/** The names of counters, as perf list(1) has them, and what is known of each kind. */
import { ExtensionEventError } from '@extension-events/core';
import type { HardwareEvent, PerfEventSpec, SoftwareEvent } from '@extension-events/platform-linux';
import { nearNames } from './near-names.ts';

export type CounterKind = 'software' | 'hardware' | 'hardware-cache' | 'raw';

/** One counter by its canonical name. */
export interface Counter {
  readonly name: string;
  readonly kind: CounterKind;
  readonly event: PerfEventSpec;
  readonly unit: 'ns' | '1';
  /** Counts between two posts when nobody says. */
  readonly defaultPeriod: number;
  readonly minPeriod: number;
  /** It happens in the kernel only: without the kernel side it counts 0. */
  readonly isKernelSide: boolean;
  /** What tells something near to it where it is absent; best first. */
  readonly substitutes: readonly string[];
}

type Row = Partial<Omit<Counter, 'name' | 'kind' | 'event'>>;

const million = 1_000_000;
const clock: Row = { unit: 'ns', defaultPeriod: 10 * million, minPeriod: 10_000, substitutes: [] };

const software: Readonly<Record<SoftwareEvent, Row>> = {
  'task-clock': clock,
  'cpu-clock': { ...clock, substitutes: ['task-clock'] },
  'page-faults': { defaultPeriod: 100 },
  'minor-faults': { defaultPeriod: 100, substitutes: ['page-faults'] },
  'major-faults': { defaultPeriod: 1, substitutes: ['page-faults'] },
  'context-switches': { defaultPeriod: 100, isKernelSide: true },
  'cpu-migrations': { defaultPeriod: 1, isKernelSide: true, substitutes: ['context-switches'] },
  'cgroup-switches': { defaultPeriod: 100, isKernelSide: true, substitutes: ['context-switches'] },
  'alignment-faults': { defaultPeriod: 1, substitutes: ['page-faults'] },
  'emulation-faults': { defaultPeriod: 1, substitutes: ['page-faults'] },
};

// Time on the CPU is the nearest that every machine has to work done by it.
const hardware: Readonly<Record<HardwareEvent, Row>> = {
  cycles: { defaultPeriod: 10 * million, substitutes: ['ref-cycles', 'task-clock'] },
  instructions: { defaultPeriod: 10 * million, substitutes: ['cycles', 'task-clock'] },
  'cache-references': { defaultPeriod: million, substitutes: ['task-clock'] },
  'cache-misses': { defaultPeriod: million / 10, substitutes: ['page-faults'] },
  branches: { defaultPeriod: million, substitutes: ['instructions', 'task-clock'] },
  'branch-misses': { defaultPeriod: million / 10, substitutes: ['task-clock'] },
  'bus-cycles': { defaultPeriod: million, substitutes: ['cycles', 'task-clock'] },
  'stalled-cycles-frontend': { defaultPeriod: million, substitutes: ['cycles', 'task-clock'] },
  'stalled-cycles-backend': { defaultPeriod: million, substitutes: ['cycles', 'task-clock'] },
  'ref-cycles': { defaultPeriod: 10 * million, substitutes: ['cycles', 'task-clock'] },
};

// Position is the id in the kernel; letters are the operations that the cache has: read, write,
// prefetch. As evsel.c of perf has them (evsel__hw_cache_stat).
const caches: readonly (readonly [name: string, operations: string])[] = [
  ['L1-dcache', 'rwp'],
  ['L1-icache', 'rp'],
  ['LLC', 'rwp'],
  ['dTLB', 'rwp'],
  ['iTLB', 'r'],
  ['branch', 'r'],
  ['node', 'rwp'],
];
const operations = [['r', 'load'], ['w', 'store'], ['p', 'prefetch']] as const; // prettier-ignore

/** Other names that perf takes for the same. */
const aliases: Readonly<Record<string, string>> = {
  'cpu-cycles': 'cycles',
  'branch-instructions': 'branches',
  faults: 'page-faults',
  cs: 'context-switches',
  migrations: 'cpu-migrations',
  'idle-cycles-frontend': 'stalled-cycles-frontend',
  'idle-cycles-backend': 'stalled-cycles-backend',
};

const common = {
  unit: '1',
  defaultPeriod: million,
  minPeriod: 1,
  isKernelSide: false,
  substitutes: [],
} as const;

function createTable(): ReadonlyMap<string, Counter> {
  const table = new Map<string, Counter>();
  const add = (name: string, kind: CounterKind, event: PerfEventSpec, row: Row): unknown =>
    table.set(name, { ...common, ...row, name, kind, event });
  for (const [name, row] of Object.entries(software) as [SoftwareEvent, Row][])
    add(name, 'software', { type: 'software', event: name }, row);
  for (const [name, row] of Object.entries(hardware) as [HardwareEvent, Row][])
    add(name, 'hardware', { type: 'hardware', event: name }, row);
  for (const { name, config, isMiss } of cacheCounters()) {
    const general = name.startsWith('branch') ? ['branches'] : ['cache-references'];
    const missed = name.startsWith('branch') ? ['branch-misses'] : ['cache-misses', 'page-faults'];
    const row = isMiss
      ? { defaultPeriod: million / 10, substitutes: [...missed, 'task-clock'] }
      : { substitutes: [...general, 'task-clock'] };
    add(name, 'hardware-cache', { type: 'hardware-cache', config }, row);
  }
  return table;
}

// config = cache | operation << 8 | result << 16, see perf_event_open(2).
function* cacheCounters(): Generator<{ name: string; config: number; isMiss: boolean }> {
  for (const [cache, [name, has]] of caches.entries()) {
    for (const [operation, [letter, word]] of operations.entries()) {
      if (!has.includes(letter)) continue;
      const config = cache | (operation << 8);
      yield { name: `${name}-${word}${word.endsWith('ch') ? 'es' : 's'}`, config, isMiss: false };
      yield { name: `${name}-${word}-misses`, config: config | (1 << 16), isMiss: true };
    }
  }
}

const table = createTable();
const byLowerCase = new Map(Array.from(table.keys(), (name) => [name.toLowerCase(), name]));

/** Every counter that has a name; raw ones are beyond counting. */
export const namedCounters: readonly Counter[] = [...table.values()];

const raw = /^r([0-9a-f]{1,16})$/i;

/**
 * The counter that a text names: `cycles`, `L1-dcache-load-misses`, `r01c2`.
 *
 * @throws ExtensionEventError `EE_PERFMON_COUNTER_UNKNOWN`
 */
export function getCounter(text: string): Counter {
  const lower = text.toLowerCase();
  const known = table.get(byLowerCase.get(aliases[lower] ?? lower) ?? '');
  if (known !== undefined) return known;
  const digits = raw.exec(text)?.[1];
  if (digits !== undefined) return createRaw(digits);
  throw unknownCounter(text);
}

function createRaw(digits: string): Counter {
  return {
    ...common,
    name: `r${digits.toLowerCase()}`,
    kind: 'raw',
    event: { type: 'raw', config: BigInt(`0x${digits}`) },
    substitutes: ['cycles', 'task-clock'],
  };
}

function unknownCounter(text: string): ExtensionEventError {
  const shown = JSON.stringify(text.slice(0, 64));
  const near = nearNames(text, [...table.keys(), ...Object.keys(aliases)]);
  const guess = near.length > 0 ? `Did you mean ${near.join(', ')}? ` : '';
  return new ExtensionEventError(
    'EE_PERFMON_COUNTER_UNKNOWN',
    `No counter is called ${shown}.`,
    /[/:]/.test(text)
      ? `${guess}Modifiers and counters of a PMU are not understood: write a raw one as r and its hexadecimal configuration, r01c2.`
      : `${guess}Names are those of perf list, such as task-clock, cycles or LLC-load-misses; a raw counter is r01c2.`,
  );
}

/**
 * The period to open a counter with.
 *
 * @throws ExtensionEventError `EE_PERFMON_PERIOD`
 */
export function resolvePeriod(counter: Counter, period: number = counter.defaultPeriod): number {
  if (Number.isInteger(period) && period >= counter.minPeriod) return period;
  const isWhole = Number.isInteger(period);
  throw new ExtensionEventError(
    'EE_PERFMON_PERIOD',
    isWhole
      ? `${counter.name} cannot be sampled every ${period} ns: the kernel's timer makes that ${counter.minPeriod} ns.`
      : `The period ${period} of ${counter.name} is not a whole number.`,
    isWhole ? `Ask for period=${counter.minPeriod} or more.` : `Ask for period=${Math.ceil(period)}.`, // prettier-ignore
  );
}
