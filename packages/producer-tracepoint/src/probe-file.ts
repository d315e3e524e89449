/** Finds the instructions of probes in the files of a process. */
import { readFileSync } from 'node:fs';
import { ExtensionEventError } from '@extension-events/core';
import {
  type CodePlace,
  type ElfModule,
  locateCode,
  openElfModule,
  parseMaps,
  type UsdtPlace,
  usdtPlaces,
} from '@extension-events/platform-linux/symbols';
import { nearNames } from '@extension-events/platform-linux/tracefs';
import { isInstructionStart } from './instruction-length.ts';

/**
 * The path that a probe's file means: itself, or of a plain name the mapped file that is called so (`libc.so.6`, `libc`).
 *
 * @throws ExtensionEventError `EE_UPROBE_FILE`
 */
export function findFile(file: string, pid: number | undefined): string {
  if (file.startsWith('/')) return file;
  const mapped = pid === undefined ? [] : mappedFiles(pid);
  const found = mapped.find((path) => path.endsWith(`/${file}`)) ?? mapped.find((path) => baseName(path).startsWith(`${file}.`)); // prettier-ignore
  if (found !== undefined) return found;
  const near = nearNames(file, mapped.map(baseName));
  throw fileRefusal(`${file} is none of the files that the process has mapped`, near.length > 0 ? `Similar: ${near.join(', ')}. Or give the whole path.` : 'Give the whole path.'); // prettier-ignore
}

/** Files with code that a process has mapped; none when it is gone or not ours to see. */
export function mappedFiles(pid: number): string[] {
  try {
    const maps = parseMaps(readFileSync(`/proc/${pid}/maps`, 'utf8'));
    const paths = maps.filter((each) => each.isExecutable && each.path.startsWith('/')).map(({ path }) => path); // prettier-ignore
    return [...new Set(paths)];
  } catch {
    return [];
  }
}

/**
 * Opens a program or library, as the process sees it.
 *
 * @throws ExtensionEventError `EE_UPROBE_FILE`
 */
export function openFile(path: string, pid: number | undefined): ElfModule {
  try {
    return openElfModule(path, pid === undefined ? {} : { pid });
  } catch (error) {
    throw fileRefusal(error instanceof Error ? error.message.replace(/\.$/, '') : String(error), 'Give the whole path of a program or a shared library.', error); // prettier-ignore
  }
}

/**
 * The instruction that `symbol`, `symbol+16` or an address means.
 *
 * @throws ExtensionEventError `EE_UPROBE_FILE`, `EE_UPROBE_SYMBOL`, `EE_UPROBE_BOUNDARY`
 */
export function findInstruction(
  path: string,
  text: string,
  isReturn: boolean,
  pid?: number,
): CodePlace {
  using module = openFile(path, pid);
  checkChoice(module, path, text);
  const place = locate(module, path, text);
  if (isReturn && (place.symbolOffset ?? 0) !== 0) {
    throw new ExtensionEventError('EE_UPROBE_SYMBOL', `${text} is not the start of a function, which a return probe needs.`, 'Give the name of a function alone.'); // prettier-ignore
  }
  checkBoundary(module, place, text);
  return place;
}

/** An ifunc is asked once, when the program is loaded, for the function that all calls go to. */
function checkChoice({ symbolFile }: ElfModule, path: string, text: string): void {
  const kinds = symbolFile.symbols.byName(text).map(({ kind }) => kind);
  if (kinds.length === 0 || kinds.some((kind) => kind !== 'ifunc')) return;
  const variants = symbolFile.symbols.containing(text, 50).filter(({ kind }) => kind === 'function').map(({ name }) => name); // prettier-ignore
  throw new ExtensionEventError(
    'EE_UPROBE_SYMBOL',
    `${text} of ${path} is a choice that the loader makes once: the calls go to another function.`,
    variants.length > 0 ? `Probe one of ${variants.slice(0, 12).join(', ')}.` : 'Install the debug symbols of the library, which name its variants.', // prettier-ignore
  );
}

function locate(module: ElfModule, path: string, text: string): CodePlace {
  try {
    return locateCode(module, text);
  } catch (error) {
    const { code, message, hint } = error as ExtensionEventError;
    const near = code === 'EE_SYMBOL_UNKNOWN' ? nearNames(text, module.names()) : [];
    const similar = near.map((each) => `uprobe:${path}:${each}`).join(', ');
    throw new ExtensionEventError('EE_UPROBE_SYMBOL', message, similar === '' ? hint : `Similar: ${similar}.`, { cause: error }); // prettier-ignore
  }
}

const mostCodeBytes = 1 << 20;

function checkBoundary({ elf }: ElfModule, place: CodePlace, text: string): void {
  const { symbolOffset, fileOffset } = place;
  if (symbolOffset === 0) return;
  const isStart = symbolOffset === undefined ? undefined : startsInstruction();
  if (isStart === true) return;
  const why = isStart === false ? 'is in the middle of an instruction' : 'cannot be checked for the start of an instruction'; // prettier-ignore
  throw new ExtensionEventError('EE_UPROBE_BOUNDARY', `${text} ${why}; the program would break there.`, 'Give the name of a function, or an offset in it as objdump -d shows it.'); // prettier-ignore

  function startsInstruction(): boolean | undefined {
    const offset = symbolOffset ?? 0;
    if (process.arch === 'arm64') return offset % 4 === 0;
    if (process.arch !== 'x64' || offset > mostCodeBytes) return undefined;
    // The longest instruction may begin right before the place.
    const code = elf.source.read(Number(fileOffset) - offset, offset + 16);
    return isInstructionStart(code, offset);
  }
}

/** @throws ExtensionEventError `EE_UPROBE_FILE`, `EE_USDT_UNKNOWN` with similar names */
export function findUsdt(path: string, provider: string, probe: string, pid?: number): UsdtPlace[] {
  using module = openFile(path, pid);
  const places = usdtPlaces(module.elf);
  const found = places.filter((each) => each.provider === provider && each.name === probe);
  if (found.length > 0) return found;
  const names = new Set(places.map((each) => `${each.provider}:${each.name}`));
  const near = nearNames(`${provider}:${probe}`, names);
  throw new ExtensionEventError(
    'EE_USDT_UNKNOWN',
    `${path} has no USDT probe ${provider}:${probe}${names.size === 0 ? ', nor any other' : ''}.`,
    near.length > 0 ? `Similar: ${near.map((each) => `usdt:${path}:${each}`).join(', ')}.` : `List them with extev events 'usdt:${path}:*'.`, // prettier-ignore
  );
}

function fileRefusal(what: string, hint: string, cause?: unknown): ExtensionEventError {
  return new ExtensionEventError('EE_UPROBE_FILE', `${what}.`, hint, { cause });
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
