/** What can be polled of a process and its threads, each with the file that tells it. */
import { readdirSync, readFileSync } from 'node:fs';
import { readSchedStat, readStat, readStatus } from './proc-text.ts';

/** The process, or one thread of it. */
export interface Place {
  readonly pid: number;
  readonly tid: number | undefined;
}

/** One look: a level of now, or counts that only grow, by what they are summed over. */
export type Look = number | ReadonlyMap<number, number>;

export interface Resource {
  readonly name: ResourceName;
  readonly unit: 'By' | '1' | '/s' | 'By/s';
  /** It can be told for one thread; others belong to the process. */
  readonly isPerThread: boolean;
  /** A count of few things: it is below its limit again as soon as it is not above. */
  readonly isCount: boolean;
  /** Turns growth per nanosecond into the unit. */
  readonly perNs: number;
  /** Growth is taken over at least this long, since the kernel books it in ticks. */
  readonly leastMs: number;
  /** `undefined` while the file does not tell; throws what reading throws. */
  look(place: Place): Look | undefined;
}

export const resourceNames = [
  'rss', 'virtual', 'swap', 'threads', 'fds', 'cpu-share', 'cpu-wait-share',
  'voluntary-switches', 'involuntary-switches', 'minor-faults', 'major-faults',
  'read-bytes', 'written-bytes',
] as const; // prettier-ignore

export type ResourceName = (typeof resourceNames)[number];

const perSecond = 1e9;

/** @returns what is known of a resource, by its name */
export function getResource(name: ResourceName): Resource {
  return { name, ...table[name] };
}

type Row = Omit<Resource, 'name'>;

function level(unit: 'By' | '1', look: (pid: number) => number | undefined): Row {
  const isCount = unit === '1';
  return { unit, isCount, isPerThread: false, perNs: 1, leastMs: 0, look: ({ pid }) => look(pid) };
}

const memory = (key: string): Row =>
  level('By', (pid) => times(readStatus(text(`/proc/${pid}/status`), key), 1024));

// Growth per second of a count that each thread has.
function rate(
  unit: '1' | '/s' | 'By/s',
  file: string,
  read: (text: string) => number | undefined,
): Row {
  // prettier-ignore
  return {
    unit,
    isCount: false,
    isPerThread: true,
    perNs: unit === '1' ? 1 : perSecond,
    leastMs: unit === '1' ? 100 : 0,
    look: (place) => lookAtThreads(place, file, read),
  };
}

const table: Readonly<Record<ResourceName, Row>> = {
  rss: memory('VmRSS'),
  virtual: memory('VmSize'),
  swap: memory('VmSwap'),
  threads: level('1', (pid) => readStatus(text(`/proc/${pid}/status`), 'Threads')),
  fds: level('1', (pid) => readdirSync(`/proc/${pid}/fd`).length),
  'cpu-share': rate('1', 'schedstat', (each) => readSchedStat(each)?.runNs),
  'cpu-wait-share': rate('1', 'schedstat', (each) => readSchedStat(each)?.waitNs),
  'voluntary-switches': rate('/s', 'status', (each) => readStatus(each, 'voluntary_ctxt_switches')),
  'involuntary-switches': rate('/s', 'status', (each) => readStatus(each, 'nonvoluntary_ctxt_switches')),
  'minor-faults': rate('/s', 'stat', (each) => readStat(each)?.minorFaults),
  'major-faults': rate('/s', 'stat', (each) => readStat(each)?.majorFaults),
  'read-bytes': rate('By/s', 'io', (each) => readStatus(each, 'rchar')),
  'written-bytes': rate('By/s', 'io', (each) => readStatus(each, 'wchar')),
}; // prettier-ignore

/** By thread, since a thread that ends takes its counts along. */
function lookAtThreads(
  { pid, tid }: Place,
  file: string,
  read: (text: string) => number | undefined,
): Look | undefined {
  const counts = new Map<number, number>();
  const directory = `/proc/${pid}/task`;
  const tids = tid === undefined ? readdirSync(directory).map(Number) : [tid];
  for (const each of tids) {
    const count = read(textOfThread(`${directory}/${each}/${file}`, tid !== undefined));
    if (count !== undefined) counts.set(each, count);
  }
  return counts.size > 0 ? counts : undefined;
}

// A thread that ends between the two reads is none of ours to report.
function textOfThread(path: string, isOnly: boolean): string {
  try {
    return text(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (isOnly || (code !== 'ENOENT' && code !== 'ESRCH')) throw error;
    return '';
  }
}

function text(path: string): string {
  return readFileSync(path, 'latin1');
}

function times(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}

/**
 * What a resource has grown between two looks. A thread that was not there at the first one began
 * at zero since; one that has ended since is left out.
 */
export function growth(before: ReadonlyMap<number, number>, now: ReadonlyMap<number, number>): number {
  let sum = 0;
  for (const [tid, count] of now) sum += Math.max(0, count - (before.get(tid) ?? 0));
  return sum;
} // prettier-ignore
