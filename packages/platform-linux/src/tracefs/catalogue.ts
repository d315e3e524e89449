import { readFileSync } from 'node:fs';
import { ExtensionEventError } from '@extension-events/core';
import { exportFile, importFormats } from './export.ts';
import { shapeOf } from './fields.ts';
import type { RecordShape } from './fields.ts';
import { parseFormat } from './format.ts';
import type { TracepointFormat } from './format.ts';
import { findMounted, openTracefs, tracefsState, usualPlaces } from './mount.ts';
import { nearNames } from './near-names.ts';

/** One tracepoint of this kernel. */
export interface Tracepoint extends RecordShape {
  /** `system:event`. */
  readonly name: string;
  readonly system: string;
  /** For perf_event_open(2). */
  readonly id: number;
  readonly format: TracepointFormat;
}

/** The tracepoints of this kernel; formats are read when they are asked for. */
export interface Tracepoints extends Disposable {
  /** Read from the kernel now, or from the file that root exported. */
  readonly origin: 'tracefs' | 'export';
  /** All as `system:event`. */
  readonly names: readonly string[];
  tryGet(name: string): Tracepoint | undefined;
  /** @throws ExtensionEventError `EE_TRACEPOINT_UNKNOWN` with similar names */
  get(name: string): Tracepoint;
  /** The format file's text; `undefined` when it is unknown. */
  readFormat(name: string): string | undefined;
}

/** Where to look; for tests and unusual systems. */
export interface TracepointsOptions {
  /** Directories where tracefs may be mounted. */
  readonly places?: readonly string[];
  /** The file of exported tracepoints. */
  readonly file?: string;
}

/**
 * Opens the tracepoints of this kernel: tracefs when it may be read, else the exported file.
 *
 * @throws ExtensionEventError `EE_TRACEFS_ABSENT`, `EE_TRACEFS_PERMISSION`, `EE_TRACEFS_RELEASE`, `EE_TRACEFS_EXPORT`
 */
export async function openTracepoints({
  places = usualPlaces,
  file = exportFile(),
}: TracepointsOptions = {}): Promise<Tracepoints> {
  const state = tracefsState(places);
  if (state === 'forbidden' || state === 'absent') {
    const formats = importFormats(file);
    if (formats !== undefined) return fromExport(formats);
  }
  return await readTracefs(places);
}

/** Why tracepoints are not to be had, or `undefined`; a look without opening anything. */
export function whyNoTracepoints({
  places = usualPlaces,
  file = exportFile(),
}: TracepointsOptions = {}): ExtensionEventError | undefined {
  const state = tracefsState(places);
  if (state === 'mounted' || state === 'mountable') return undefined;
  try {
    if (importFormats(file) !== undefined) return undefined;
  } catch (error) {
    return error as ExtensionEventError;
  }
  return state === 'absent'
    ? new ExtensionEventError('EE_TRACEFS_ABSENT', `tracefs is at none of ${places.join(', ')}, and ${file} is missing.`, 'Use a Linux kernel with CONFIG_TRACING; in a container, mount /sys/kernel/tracing of the host.') // prettier-ignore
    : new ExtensionEventError('EE_TRACEFS_PERMISSION', `tracefs is for root alone, and ${file} is missing.`, 'Run `extev doctor --export-tracepoints` once as root.'); // prettier-ignore
}

/** @throws ExtensionEventError `EE_TRACEFS_ABSENT`, `EE_TRACEFS_PERMISSION` */
export async function readTracefs(places: readonly string[] = usualPlaces): Promise<Tracepoints> {
  const root = await openTracefs(places);
  try {
    const names = readFileSync(`${root.path}/available_events`, 'utf8').split('\n').filter(isTracepointName); // prettier-ignore
    const read = (name: string): string | undefined => readFormatFile(root.path, name);
    return new LazyTracepoints('tracefs', names.toSorted(), read, root);
  } catch (error) {
    root[Symbol.dispose]();
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ExtensionEventError('EE_TRACEFS_PERMISSION', `tracefs at ${findMounted(places) ?? root.path} cannot be read (${code ?? message}).`, 'Run as root, or run `extev doctor --export-tracepoints` once as root.', { cause: error }); // prettier-ignore
  }
}

function fromExport(formats: ReadonlyMap<string, string>): Tracepoints {
  const names = [...formats.keys()].filter(isTracepointName).toSorted();
  return new LazyTracepoints('export', names, (name) => formats.get(name));
}

class LazyTracepoints implements Tracepoints {
  readonly origin: Tracepoints['origin'];
  readonly names: readonly string[];
  readonly readFormat: (name: string) => string | undefined;
  readonly #root: Disposable | undefined;
  readonly #known: Set<string>;
  readonly #read: Map<string, Tracepoint> = new Map();

  constructor(
    origin: Tracepoints['origin'],
    names: readonly string[],
    readFormat: (name: string) => string | undefined,
    root?: Disposable,
  ) {
    this.origin = origin;
    this.names = names;
    this.#known = new Set(names);
    this.readFormat = (name) => (this.#known.has(name) ? readFormat(name) : undefined);
    this.#root = root;
  }

  tryGet(name: string): Tracepoint | undefined {
    const present = this.#read.get(name);
    if (present !== undefined) return present;
    const text = this.readFormat(name);
    const format = text === undefined ? undefined : parseFormat(text);
    if (format === undefined) return undefined;
    const { fields, decode } = shapeOf(format);
    const [system = ''] = name.split(':', 1);
    const tracepoint: Tracepoint = { name, system, id: format.id, format, fields, decode };
    this.#read.set(name, tracepoint);
    return tracepoint;
  }

  get(name: string): Tracepoint {
    const tracepoint = this.tryGet(name);
    if (tracepoint !== undefined) return tracepoint;
    const near = nearNames(name, this.names);
    throw new ExtensionEventError(
      'EE_TRACEPOINT_UNKNOWN',
      `This kernel has no tracepoint ${name}.`,
      near.length === 0
        ? 'List them with extev events "tracepoint:**".'
        : `Similar: ${near.map((each) => `tracepoint:${each}`).join(', ')}.`,
    );
  }

  [Symbol.dispose](): void {
    this.#root?.[Symbol.dispose]();
  }
}

// It becomes part of a path.
function isTracepointName(name: string): boolean {
  return /^\w[\w.-]{0,99}:\w[\w.-]{0,99}$/.test(name);
}

function readFormatFile(root: string, name: string): string | undefined {
  try {
    return readFileSync(`${root}/events/${name.replace(':', '/')}/format`, 'utf8');
  } catch {
    return undefined; // the module that had it was unloaded
  }
}
