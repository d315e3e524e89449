import { isOwnUrl, toPath } from '@extension-events/platform-v8';
import type { CdpSession } from '@extension-events/platform-v8';

/** One script of a thread's program. */
export interface Script {
  readonly scriptId: string;
  readonly url: string;
  /** Empty when it has none. */
  readonly sourceMapUrl: string;
  /** Path for a file url, else the url. */
  readonly path: string;
}

/** The scripts of one thread, in its main context, while its Debugger domain is on. */
export class Scripts implements Disposable {
  readonly #byId: Map<string, Script> = new Map();
  readonly #listening: Disposable;

  /** @param contextId - scripts of other contexts (node:vm) have another global object, without our helper */
  constructor(session: CdpSession, contextId: number, parsed: (script: Script) => void) {
    this.#listening = session.on('Debugger.scriptParsed', (event) => {
      if (event.executionContextId !== contextId || event.url === '' || isOwnUrl(event.url)) return;
      const { scriptId, sourceMapURL: sourceMapUrl = '', url } = event;
      const script = { scriptId, url, sourceMapUrl, path: toPath(url) };
      this.#byId.set(scriptId, script);
      parsed(script);
    });
  }

  get all(): Script[] {
    return [...this.#byId.values()];
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }
}

/** Is it a package's that the program depends on? */
export function isDependency({ path }: Script): boolean {
  return path.includes('/node_modules/');
}
