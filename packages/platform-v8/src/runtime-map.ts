import type { SourceMapInput } from '@jridgewell/trace-mapping';
import { evaluateSnippet } from './evaluate.ts';
import type { CdpSession } from './host.ts';

/**
 * Asks the thread's own Node for the source map of a script, as loaders such as tsx leave it there:
 * their maps are in memory only, while the file on disk is the original. `undefined` when it has
 * none, which is what Node answers unless source maps are switched on in it.
 *
 * The answer may be megabytes: ask for scripts that are about to be shown, not for all.
 */
export async function findRuntimeMap(
  session: CdpSession,
  url: string,
): Promise<SourceMapInput | undefined> {
  const payload = await evaluateSnippet<SourceMapInput | null>(
    session,
    'source-map',
    `((url) => {
      const { findSourceMap } = process.getBuiltinModule('node:module');
      const { fileURLToPath } = process.getBuiltinModule('node:url');
      const find = (name) => { try { return findSourceMap(name)?.payload; } catch { return undefined; } };
      return find(url) ?? (url.startsWith('file:') ? find(fileURLToPath(url)) : undefined) ?? null;
    })(${JSON.stringify(url)})`,
  );
  return payload ?? undefined;
}
