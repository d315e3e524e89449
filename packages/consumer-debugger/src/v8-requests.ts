import { debuggerError } from './errors.ts';
import type { Connection, ScriptPosition } from './internal-types.ts';
import type { Script } from './script-store.ts';
import type { PropertiesResult, RemoteProperty } from './v8-types.ts';

export interface BreakpointRequest {
  readonly url?: string;
  readonly urlRegex?: string;
  readonly lineNumber: number;
  readonly columnNumber?: number;
  readonly condition?: string;
}

export interface BreakpointAnswer {
  readonly breakpoint: string;
  readonly locations?: readonly ScriptPosition[];
}

/** The agent's debug methods with the types of their answers, each with a time limit. */
export class V8Requests {
  readonly #connection: Connection;
  readonly #timeoutMs: number;

  constructor(connection: Connection, timeoutMs: number) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * A thread that is deep in a native call may not answer at all, hence the limit.
   *
   * @throws ExtensionEventError `EE_THREAD_SILENT`, or the agent's own refusal
   */
  async ask(method: string, params: object, thread?: number): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        const name = this.#connection.threads.find((other) => other.key === thread)?.name;
        reject(
          debuggerError(
            'EE_THREAD_SILENT',
            `${name === undefined ? 'The process' : `Thread ${name}`} did not answer ${method} within ${this.#timeoutMs / 1000} s.`,
            'It may be inside a long native call (execFileSync, a big regular expression); try again later.',
          ),
        );
      }, this.#timeoutMs);
    });
    try {
      return await Promise.race([this.#connection.debug(method, params, thread), tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }

  async resume(thread: number): Promise<readonly string[]> {
    const answer = (await this.ask('continue', {}, thread)) as { stillHeldBy?: unknown } | null;
    const holders = answer?.stillHeldBy;
    return Array.isArray(holders) ? holders.map(String) : [];
  }

  setBreakpoint(request: BreakpointRequest, thread: number): Promise<BreakpointAnswer> {
    return this.ask('set-breakpoint', request, thread) as Promise<BreakpointAnswer>;
  }

  /** Where the function around `start` can stop from there on. */
  async breakPositions(script: Script, start: ScriptPosition): Promise<readonly ScriptPosition[]> {
    const answer = (await this.ask(
      'Debugger.getPossibleBreakpoints',
      { start, restrictToFunction: true },
      script.thread,
    )) as { locations?: readonly { lineNumber: number; columnNumber?: number }[] };
    return (answer.locations ?? []).map(({ lineNumber, columnNumber }) => ({
      scriptId: script.scriptId,
      lineNumber,
      columnNumber: columnNumber ?? 0,
    }));
  }

  async properties(thread: number, objectId: string): Promise<readonly RemoteProperty[]> {
    const params = { objectId, ownProperties: true, generatePreview: true };
    const answer = (await this.ask('Runtime.getProperties', params, thread)) as PropertiesResult;
    return [...(answer.privateProperties ?? []), ...answer.result].filter(
      (property) => property.name !== '__proto__',
    );
  }

  /** The scripts of these threads; one that does not answer hides its own only, unless all fail. */
  async scripts(threads: readonly number[]): Promise<readonly Script[]> {
    const lists = await Promise.allSettled(
      threads.map(async (thread) => {
        const answer = (await this.ask('scripts', {}, thread)) as {
          scripts: readonly Omit<Script, 'thread'>[];
        };
        return answer.scripts.map((script): Script => ({ ...script, thread }));
      }),
    );
    const failed = lists.find((list) => list.status === 'rejected');
    if (failed !== undefined && lists.every((list) => list.status === 'rejected')) {
      throw failed.reason;
    }
    return lists.flatMap((list) => (list.status === 'fulfilled' ? list.value : []));
  }

  async text(script: Script): Promise<string> {
    const answer = (await this.ask(
      'Debugger.getScriptSource',
      { scriptId: script.scriptId },
      script.thread,
    )) as { scriptSource: string };
    return answer.scriptSource;
  }
}
