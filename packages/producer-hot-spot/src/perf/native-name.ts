import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ResolvedAddress } from '@extension-events/platform-linux/symbols';
import type { NativeName } from './internal-types.ts';

// V8's src/logging/log.cc and src/diagnostics/perf-jit.cc: KIND:TIER NAME SCRIPT:LINE:COLUMN, where the tier is one
// of ~ (interpreter), ^ ' (baseline), + (maglev), * (turbofan) or nothing.
const v8Name = /^(?:JS|LazyCompile|Function|Script|Eval):[~^'+*-]*([^ ]*)(?: (.+?):(\d+):\d+)?$/;
// Python 3.12 and newer with -X perf: Objects/perf_trampoline.c.
const pythonName = /^py::(.+):([^:]+)$/;

/** Names what lies at an address: the symbol, taken apart where a JIT compiler wrote it, else the place. */
export function nameOf(resolved: ResolvedAddress): NativeName {
  const { symbol } = resolved;
  if (symbol === undefined) return { function: placeOf(resolved) };
  if (resolved.kind !== 'jit') return { function: symbol };
  const v8 = v8Name.exec(symbol);
  if (v8 !== null) {
    const [, name = '', script, line] = v8;
    return {
      function: name === '' ? '(anonymous)' : name,
      ...(script === undefined ? {} : { url: toPath(script), line: Number(line) }),
    };
  }
  const python = pythonName.exec(symbol);
  if (python !== null) return { function: python[1] ?? symbol, url: python[2] ?? '', line: 0 };
  return { function: symbol };
}

/** Where the function at an address starts, else the address itself; as the module's file has it, if there is one. */
export function functionStartOf({
  address,
  moduleAddress,
  functionAddress = address,
}: ResolvedAddress): bigint {
  return (moduleAddress ?? address) - (address - functionAddress);
}

/** `libc.so.6+0x2a40` where there is no symbol, the bare address where there is no file either. */
function placeOf(resolved: ResolvedAddress): string {
  const { module, moduleAddress } = resolved;
  const start = `0x${functionStartOf(resolved).toString(16)}`;
  return module === undefined || moduleAddress === undefined
    ? start
    : `${basename(module)}+${start}`;
}

function toPath(script: string): string {
  try {
    return script.startsWith('file:') ? fileURLToPath(script) : script;
  } catch {
    return script;
  }
}
