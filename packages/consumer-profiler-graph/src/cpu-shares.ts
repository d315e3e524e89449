import { tryReadProcessCpuNs, tryReadThreadCpuNs } from '@extension-events/platform-linux';

/** Reads the processor time of a process, or of a thread, in ns; replaced in tests. */
export type ReadCpuNs = (pid: number, tid?: number) => number | undefined;

const readCpuNs: ReadCpuNs = (pid, tid) =>
  tid === undefined ? tryReadProcessCpuNs(pid) : tryReadThreadCpuNs(pid, tid);

/** Which part of a processor processes and threads used between two looks. */
export class CpuShares {
  readonly #read: ReadCpuNs;
  /** Processor time at the last look, by `PID` and `PID/TID`. */
  #before: Map<string, number> = new Map();
  #now: Map<string, number> = new Map();
  /** Of this look: what is asked for again stays as it was told. */
  readonly #told: Map<string, number | undefined> = new Map();
  #beforeNs = Number.NaN;
  #nowNs = Number.NaN;

  constructor(read: ReadCpuNs = readCpuNs) {
    this.#read = read;
  }

  /** Begins a look; those who are not asked for in it are forgotten. */
  begin(nowNs: number): void {
    this.#before = this.#now;
    this.#now = new Map();
    this.#told.clear();
    this.#beforeNs = this.#nowNs;
    this.#nowNs = nowNs;
  }

  /** Since the last look, 0 to 1 for a thread; `undefined` when it was not there yet. */
  share(pid: number, tid?: number): number | undefined {
    const key = tid === undefined ? String(pid) : `${pid}/${tid}`;
    if (!this.#told.has(key)) this.#told.set(key, this.#look(key, this.#read(pid, tid)));
    return this.#told.get(key);
  }

  #look(key: string, ns: number | undefined): number | undefined {
    if (ns === undefined) return undefined;
    this.#now.set(key, ns);
    const before = this.#before.get(key);
    const elapsedNs = this.#nowNs - this.#beforeNs;
    if (before === undefined || !(elapsedNs > 0)) return undefined;
    return Math.max(0, (ns - before) / elapsedNs);
  }
}
