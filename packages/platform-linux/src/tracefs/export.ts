/**
 * The file of exported tracepoints, for users who may not read tracefs.
 *
 * Root writes it once for each kernel: JSON `{ v: 1, release, version, formats: { "system:event": text } }`, the
 * texts being those of the format files. Everybody reads it. Ids are good for one build of one kernel, so both
 * of its names are compared; raise `v` when the shape changes.
 */
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { release, version } from 'node:os';
import { dirname } from 'node:path';
import { ExtensionEventError } from '@extension-events/core';
import { exportHint } from './errors.ts';

const shapeVersion = 1;

/** The running kernel as an exported file names it. */
export interface KernelBuild {
  /** `uname -r`. */
  readonly release: string;
  /** `uname -v`: two builds may share a release. */
  readonly version: string;
}

/** The kernel that runs here. */
export function runningKernel(): KernelBuild {
  return { release: release(), version: version() };
}

/** The usual place of the file, one for each kernel release. */
export function exportFile(): string {
  return `/var/lib/extension-events/tracepoints-${release()}.json`;
}

// Made by people or tools while the system runs, and gone with it: their ids are anybody's next time.
const passing = /^(kprobes|uprobes|synthetic|eprobes|fprobes|probe\w*|sdt_\w+):/;

/** What {@link writeExport} takes from. */
export interface FormatSource {
  readonly names: readonly string[];
  readFormat(name: string): string | undefined;
}

/**
 * Writes the formats of all tracepoints to a file that everybody may read; as a whole or not at all.
 *
 * @returns how many there are
 * @throws ExtensionEventError `EE_TRACEFS_EXPORT`
 */
export function writeExport(
  source: FormatSource,
  file: string,
  kernel: KernelBuild = runningKernel(),
): number {
  const formats: Record<string, string> = {};
  for (const name of source.names) {
    const text = passing.test(name) ? undefined : source.readFormat(name);
    if (text !== undefined) formats[name] = text;
  }
  const text = JSON.stringify({ v: shapeVersion, ...kernel, formats });
  const draft = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
    writeFileSync(draft, text, { mode: 0o644, flag: 'wx' });
    chmodSync(draft, 0o644); // whatever the umask
    renameSync(draft, file);
  } catch (error) {
    removeDraft(draft);
    throw new ExtensionEventError('EE_TRACEFS_EXPORT', `${file} cannot be written: ${(error as Error).message}.`, 'Run it as root, or name a directory that you may write to.', { cause: error }); // prettier-ignore
  }
  return Object.keys(formats).length;
}

function removeDraft(draft: string): void {
  try {
    rmSync(draft, { force: true });
  } catch {
    // its directory is none
  }
}

/**
 * Reads the formats that were exported for the running kernel; `undefined` when there is no file.
 *
 * @throws ExtensionEventError `EE_TRACEFS_RELEASE`, `EE_TRACEFS_EXPORT`
 */
export function importFormats(
  file: string,
  kernel: KernelBuild = runningKernel(),
): ReadonlyMap<string, string> | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw damaged(file, (error as Error).message, error);
  }
  const exported = parseExport(text, file);
  if (exported.release !== kernel.release || exported.version !== kernel.version) {
    throw new ExtensionEventError(
      'EE_TRACEFS_RELEASE',
      `${file} is of kernel ${exported.release} (${exported.version}); this is ${kernel.release} (${kernel.version}), whose tracepoints have other numbers.`,
      exportHint,
    );
  }
  return exported.formats;
}

function parseExport(
  text: string,
  file: string,
): KernelBuild & { readonly formats: ReadonlyMap<string, string> } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw damaged(file, 'it is not JSON', error);
  }
  const { v, release: of, version: build, formats } = (parsed ?? {}) as Record<string, unknown>;
  if (v !== shapeVersion) throw damaged(file, `its version is ${JSON.stringify(v)}, not 1`);
  if (typeof of !== 'string' || typeof build !== 'string') throw damaged(file, 'it names no kernel'); // prettier-ignore
  if (typeof formats !== 'object' || formats === null) throw damaged(file, 'it holds no formats');
  const entries = Object.entries(formats as Record<string, unknown>);
  const texts = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return { release: of, version: build, formats: new Map(texts) };
}

function damaged(file: string, why: string, cause?: unknown): ExtensionEventError {
  return new ExtensionEventError('EE_TRACEFS_EXPORT', `${file} cannot be used: ${why}.`, exportHint, { cause }); // prettier-ignore
}
