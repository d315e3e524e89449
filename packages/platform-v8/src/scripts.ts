import type { Protocol } from 'devtools-protocol/types/protocol.js';
import { conditionUrl, isOwnUrl } from './evaluate.ts';
import type { CdpSession } from './host.ts';
import { toPath } from './source-maps.ts';
import type { ScriptReference } from './source-maps.ts';

/** One script of a thread. Lines count from 1. */
export interface Script extends ScriptReference {
  readonly scriptId: string;
  /** What V8 calls it: a file url, a path, `node:…`, or empty for unnamed evaluated code. */
  readonly url: string;
  /** Empty when it has none. */
  readonly sourceMapUrl: string;
  readonly startLine: number;
  readonly endLine: number;
  /** Hash of its text, as V8 computes it; empty when only the profiler knows the script. */
  readonly hash: string;
  /** Node's own, or ours. */
  readonly isInternal: boolean;
}

/**
 * The scripts of one thread by id.
 *
 * Filled by `Debugger.scriptParsed` while the Debugger domain is on (whoever switches it on: V8 then
 * announces all present scripts). Without that domain only what {@link ScriptTable.note} was told is
 * known: profiles carry id and url, and source maps are then found through the file.
 */
export class ScriptTable implements Disposable {
  readonly #byId = new Map<string, Script>();
  readonly #idsByUrl = new Map<string, Set<string>>();
  readonly #listening: Disposable;

  constructor(session: CdpSession) {
    this.#listening = session.on('Debugger.scriptParsed', (event) => {
      if (event.url !== conditionUrl) this.#add(fromEvent(event));
    });
  }

  tryGet(scriptId: string): Script | undefined {
    return this.#byId.get(scriptId);
  }

  /** Every script with this url or path: evaluated and reloaded ones may share it; the newest is last. */
  byUrl(urlOrPath: string): Script[] {
    const found: Script[] = [];
    for (const id of this.#idsByUrl.get(toPath(urlOrPath)) ?? []) {
      const script = this.#byId.get(id);
      if (script !== undefined) found.push(script);
    }
    return found;
  }

  get all(): IterableIterator<Script> {
    return this.#byId.values();
  }

  /** Tells of a script that somebody met elsewhere, as in a profile; never replaces better knowledge. */
  note(scriptId: string, url: string): Script {
    const known = this.#byId.get(scriptId);
    if (known !== undefined) return known;
    const unknown = { sourceMapUrl: '', startLine: 1, endLine: 0, hash: '' };
    return this.#add({ scriptId, url, ...unknown, isInternal: isInternalUrl(url) });
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }

  #add(script: Script): Script {
    this.#byId.set(script.scriptId, script);
    const path = toPath(script.url);
    let ids = this.#idsByUrl.get(path);
    if (ids === undefined) this.#idsByUrl.set(path, (ids = new Set()));
    ids.add(script.scriptId);
    return script;
  }
}

/** Is this Node's own code or ours? */
export function isInternalUrl(url: string): boolean {
  return url.startsWith('node:') || isOwnUrl(url);
}

function fromEvent(event: Protocol.Debugger.ScriptParsedEvent): Script {
  return {
    scriptId: event.scriptId,
    url: event.url,
    sourceMapUrl: event.sourceMapURL ?? '',
    startLine: event.startLine + 1,
    endLine: event.endLine + 1,
    hash: event.hash,
    isInternal: isInternalUrl(event.url),
  };
}
