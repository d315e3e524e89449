/** Pure: the names of probes, taken apart. */
import { ExtensionEventError } from '@extension-events/core';

/** Schemes of the names that this producer serves. */
export const schemes = ['tracepoint', 'uprobe', 'uretprobe', 'usdt'] as const;

/** A name taken apart. */
export type ProbeName =
  | { readonly scheme: 'tracepoint'; readonly tracepoint: string }
  | { readonly scheme: 'uprobe' | 'uretprobe'; readonly file: string; readonly symbol: string }
  | { readonly scheme: 'usdt'; readonly file: string; readonly provider: string; readonly probe: string }; // prettier-ignore

/**
 * Reads `tracepoint:SYSTEM:NAME`, `uprobe:FILE:SYMBOL[+OFFSET]`, `uretprobe:FILE:SYMBOL` and
 * `usdt:FILE:PROVIDER:NAME`. A file is a path, or the name of one that the process has mapped.
 *
 * @throws ExtensionEventError `EE_TRACEPOINT_NAME`
 */
export function parseProbeName(name: string): ProbeName {
  const [, scheme, rest = ''] = /^([a-z]+):(.+)$/s.exec(name) ?? [];
  if (scheme === 'tracepoint' && /^[^:]+:[^:]+$/.test(rest)) return { scheme, tracepoint: rest };
  // A symbol may have colons of its own (`a::b`), a path may not.
  const [, file = '', place = ''] = /^([^:]+):(?!:)(.+)$/s.exec(rest) ?? [];
  if ((scheme === 'uprobe' || scheme === 'uretprobe') && place !== '')
    return { scheme, file, symbol: place };
  const [, provider = '', probe = ''] = /^([^:]+):([^:]+)$/.exec(place) ?? [];
  if (scheme === 'usdt' && probe !== '') return { scheme, file, provider, probe };
  throw new ExtensionEventError(
    'EE_TRACEPOINT_NAME',
    `${JSON.stringify(name)} names no tracepoint and no probe.`,
    'Write tracepoint:sock:sock_send_length, uprobe:/path:symbol, uprobe:/path:symbol+16, uretprobe:/path:symbol or usdt:/path:provider:name.',
  );
}

/** The file that a pattern such as `uprobe:/usr/lib/libc.so.6:mem*` names, when it is written out. */
export function fileOfPattern(pattern: string): string | undefined {
  return /^(?:uprobe|uretprobe|usdt):([^:*?]+):/.exec(pattern)?.[1];
}
