import type { Debugger } from 'node:inspector';
import { type CdpSession, conditionUrl, ownUrlPrefix } from '@extension-events/platform-v8';
import type { StopFrameInfo } from '@extension-events/protocol';
import type { ScriptOwner, UserCode } from './user-code.ts';

/** One script of the program. */
export interface ScriptInfo {
  readonly scriptId: string;
  readonly url: string;
  readonly sourceMapUrl?: string;
}

/** The scripts of one thread: whose they are, and how their frames are shown. */
export class Frames {
  readonly #userCode: UserCode;
  readonly #scripts: Map<string, ScriptInfo> = new Map();
  /** Scripts of core, wherever it was loaded from. */
  readonly #ownScripts: Set<string> = new Set();

  constructor(userCode: UserCode) {
    this.#userCode = userCode;
  }

  watch(session: CdpSession): Disposable {
    return session.on('Debugger.scriptParsed', ({ scriptId, sourceMapURL = '', url }) => {
      if (url === conditionUrl) return; // one for each pass of a breakpoint that is an event
      this.#scripts.set(scriptId, { scriptId, url, ...(sourceMapURL === '' ? {} : { sourceMapUrl: sourceMapURL }) }); // prettier-ignore
    });
  }

  /** Scripts of the program, newest last. */
  get scripts(): ScriptInfo[] {
    return [...this.#scripts.values()].filter(
      ({ url }) => url !== '' && !url.startsWith(ownUrlPrefix),
    );
  }

  /** The newest script of a url: an event from beside the thread may know no more of its place. */
  findScript(url: string): string | undefined {
    return [...this.#scripts.values()].findLast((script) => script.url === url)?.scriptId;
  }

  get ownScripts(): Iterable<string> {
    return this.#ownScripts;
  }

  /** A frame above `post` is core's; a script that also holds user code (a bundle) is not set aside whole. */
  rememberOwn(scriptId: string): void {
    const url = this.#scripts.get(scriptId)?.url ?? '';
    if (url.startsWith(ownUrlPrefix) || /\/(core|@extension-events)\//.test(url))
      this.#ownScripts.add(scriptId);
  }

  ownerOf(frame: Debugger.CallFrame): ScriptOwner {
    if (this.#ownScripts.has(frame.location.scriptId)) return 'ours';
    return this.#userCode.ownerOf(this.urlOf(frame));
  }

  /** V8 leaves the url of a call frame empty; the script table has it. */
  urlOf(frame: Debugger.CallFrame): string {
    return this.#scripts.get(frame.location.scriptId)?.url ?? frame.url;
  }

  /** The frames of a stop as they are shown: ours say nothing about the program. */
  describeAll(frames: readonly Debugger.CallFrame[]): StopFrameInfo[] {
    const others = frames.filter((frame) => this.ownerOf(frame) !== 'ours');
    return (others.length === 0 ? frames : others).map((frame) => this.#describe(frame));
  }

  #describe(frame: Debugger.CallFrame): StopFrameInfo {
    const { callFrameId, functionName, location, scopeChain } = frame;
    const { columnNumber = 0, lineNumber, scriptId } = location;
    const sourceMapUrl = this.#scripts.get(scriptId)?.sourceMapUrl;
    return {
      callFrameId,
      functionName,
      url: this.urlOf(frame),
      position: { scriptId, lineNumber, columnNumber },
      isUser: this.ownerOf(frame) === 'user',
      scopes: scopeChain.flatMap(({ name, object, type }) =>
        object.objectId === undefined
          ? []
          : [{ type, objectId: object.objectId, ...(name === undefined ? {} : { name }) }],
      ),
      ...(sourceMapUrl === undefined ? {} : { sourceMapUrl }),
      ...(frame.this.objectId === undefined ? {} : { thisObjectId: frame.this.objectId }),
    };
  }
}
