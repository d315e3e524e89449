import type { Debugger } from 'node:inspector';
import type { CdpSession } from '@extension-events/platform-v8';
import type { ScriptPosition } from '@extension-events/protocol';
import type { Consumer } from '@extension-events/protocol/server';

/** Where a consumer wants a breakpoint; V8's `Debugger.setBreakpointByUrl`. */
export interface BreakpointRequest {
  readonly url?: string;
  readonly urlRegex?: string;
  readonly lineNumber: number;
  readonly columnNumber?: number;
  readonly condition?: string;
}

interface Breakpoint {
  readonly owners: Set<Consumer>;
  readonly locations: ScriptPosition[];
}

/**
 * The breakpoints of one thread. V8 knows one session, the agent's, and refuses a second breakpoint
 * at the same place: consumers that want the same share it.
 */
export class Breakpoints {
  readonly #session: () => CdpSession;
  readonly #remove: (breakpointId: string) => Promise<void>;
  readonly #byId: Map<string, Breakpoint> = new Map();
  /** What was asked for, as JSON → breakpoint. */
  readonly #requests: Map<string, string> = new Map();
  #scaffold: string[] = [];
  /** Those of the scaffold where a function returns. */
  #returns: Set<string> = new Set();

  /** @param remove - takes one of V8's breakpoints away, when the thread is not in mid-step */
  constructor(session: () => CdpSession, remove: (breakpointId: string) => Promise<void>) {
    this.#session = session;
    this.#remove = remove;
  }

  /** Which of the hit breakpoints are consumers', and whose. */
  ownersOf(hits: readonly string[]): { ids: string[]; owners: Consumer[] } {
    const ids = hits.filter((id) => this.#byId.has(id));
    return { ids, owners: ids.flatMap((id) => [...(this.#byId.get(id)?.owners ?? [])]) };
  }

  async set(
    consumer: Consumer,
    request: BreakpointRequest,
  ): Promise<{ breakpoint: string; locations: ScriptPosition[] }> {
    const id = this.#requests.get(JSON.stringify(request));
    const present = id === undefined ? undefined : this.#byId.get(id);
    if (id !== undefined && present !== undefined) {
      present.owners.add(consumer);
      return { breakpoint: id, locations: present.locations };
    }
    const { breakpointId, locations } = await this.#session().post('Debugger.setBreakpointByUrl', {
      ...request,
    });
    const places = locations.map(({ columnNumber = 0, lineNumber, scriptId }) => ({
      scriptId,
      lineNumber,
      columnNumber,
    }));
    this.#byId.set(breakpointId, { owners: new Set([consumer]), locations: places });
    this.#requests.set(JSON.stringify(request), breakpointId);
    return { breakpoint: breakpointId, locations: places };
  }

  async remove(consumer: Consumer, breakpointId: string): Promise<void> {
    const breakpoint = this.#byId.get(breakpointId);
    if (
      breakpoint === undefined ||
      !breakpoint.owners.delete(consumer) ||
      breakpoint.owners.size > 0
    )
      return;
    this.#byId.delete(breakpointId);
    for (const [request, id] of this.#requests)
      if (id === breakpointId) this.#requests.delete(request);
    await this.#remove(breakpointId);
  }

  /** Takes away all that a consumer has set. */
  async forget(consumer: Consumer): Promise<void> {
    for (const id of this.#byId.keys()) await this.remove(consumer, id).catch(() => undefined);
  }

  /**
   * Breaks on every location of a function: V8 never lands the first step after an interrupt at the
   * back edge of a loop that calls nothing.
   */
  async raiseScaffold(start: ScriptPosition): Promise<void> {
    for (const location of await this.#placesOf(start)) await this.#raise(location);
  }

  /** Breaks wherever a function returns: there, and only there, V8 tells what. */
  async raiseReturns(start: ScriptPosition): Promise<void> {
    for (const location of await this.#placesOf(start)) {
      if (location.type !== 'return') continue;
      const id = await this.#raise(location);
      if (id !== undefined) this.#returns.add(id);
    }
  }

  isReturn(hits: readonly string[]): boolean {
    return hits.some((id) => this.#returns.has(id));
  }

  async #placesOf(start: ScriptPosition): Promise<readonly Debugger.BreakLocation[]> {
    // Node's own functions may refuse to say where they can be stopped; then the plain step must do.
    const possible = await this.#session()
      .post('Debugger.getPossibleBreakpoints', { start: { ...start }, restrictToFunction: true })
      .catch(() => undefined);
    return possible?.locations ?? [];
  }

  async #raise({ columnNumber = 0, lineNumber, scriptId }: Debugger.BreakLocation): Promise<string | undefined> {
    const location = { scriptId, lineNumber, columnNumber };
    // Where a consumer's breakpoint stands already, that one serves as well.
    const made = await this.#session()
      .post('Debugger.setBreakpoint', { location })
      .catch(() => undefined);
    if (made !== undefined) this.#scaffold.push(made.breakpointId);
    return made?.breakpointId;
  } // prettier-ignore

  async removeScaffold(): Promise<void> {
    const scaffold = this.#scaffold;
    this.#scaffold = [];
    this.#returns.clear();
    for (const breakpointId of scaffold) await this.#remove(breakpointId).catch(() => undefined);
  }
}
