/** What could be provided, for a pattern of names. */
import { compilePattern } from '@extension-events/core';
import type { EventTypeDescriptor } from '@extension-events/core';
import { type ElfModule, parseUsdtArguments, usdtPlaces } from '@extension-events/platform-linux/symbols'; // prettier-ignore
import type { Tracepoints } from '@extension-events/platform-linux/tracefs';
import { describeTracepoint, describeUprobe, describeUsdt } from './events.ts';
import { fileOfPattern } from './names.ts';
import { findFile, mappedFiles, openFile } from './probe-file.ts';

type Matches = (name: string) => boolean;

/** Tracepoints whose names match; their format files are read now. */
export function listTracepoints(
  tracepoints: Tracepoints,
  matches: Matches,
  mayIncludeKernel: boolean,
): EventTypeDescriptor[] {
  const found: EventTypeDescriptor[] = [];
  for (const name of tracepoints.names) {
    const tracepoint = matches(`tracepoint:${name}`) ? tracepoints.tryGet(name) : undefined;
    if (tracepoint !== undefined) found.push(describeTracepoint(tracepoint, mayIncludeKernel));
  }
  return found;
}

/**
 * Functions and USDT probes of the file that the pattern names, else USDT probes of what the process has mapped.
 *
 * @throws ExtensionEventError `EE_PATTERN`; `EE_UPROBE_FILE` when the pattern names a file that cannot be read
 */
export function listProbes(pattern: string, pid: number | undefined): EventTypeDescriptor[] {
  const matches = compilePattern(pattern);
  const named = fileOfPattern(pattern);
  if (named !== undefined) {
    using module = openFile(findFile(named, pid), pid);
    return [...listFunctions(module, named, pattern, matches), ...listUsdt(module, named, matches)];
  }
  const mayBeUsdt = compilePattern(pattern.includes(':') ? pattern.replace(/:.*$/s, ':x') : pattern)('usdt:x'); // prettier-ignore
  if (pid === undefined || !mayBeUsdt) return [];
  return mappedFiles(pid).flatMap((path) => {
    try {
      using module = openFile(path, pid);
      return listUsdt(module, path, matches);
    } catch {
      return []; // deleted, or mapped but no ELF file
    }
  });
}

// A program may have half a million functions; nobody reads so many, and a narrower pattern has them all.
const mostFunctions = 20_000;

function listFunctions(
  module: ElfModule,
  file: string,
  pattern: string,
  matches: Matches,
): EventTypeDescriptor[] {
  const scheme = /^u\w+/.exec(pattern)?.[0] ?? '';
  if (scheme === 'usdt') return [];
  const names = new Set<string>();
  for (const { name, kind } of module.symbolFile.symbols.symbols()) {
    if (kind !== 'function' || !/^[!-~]+$/.test(name)) continue;
    const full = `${scheme}:${file}:${name}`;
    if (full.length <= 200 && matches(full)) names.add(full);
    if (names.size >= mostFunctions) break;
  }
  return [...names].toSorted().map(describeUprobe);
}

function listUsdt(module: ElfModule, file: string, matches: Matches): EventTypeDescriptor[] {
  const byName = new Map<string, string[]>();
  for (const { provider, name, argumentText } of usdtPlaces(module.elf)) {
    const full = `usdt:${file}:${provider}:${name}`;
    if (!/^[!-~]{1,200}$/.test(full) || !matches(full)) continue;
    byName.set(full, [...(byName.get(full) ?? []), argumentText]);
  }
  return [...byName].map(([name, texts]) => describeUsdt(name, texts.map(parseUsdtArguments)));
}
