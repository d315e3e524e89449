/**
 * Finds the channels of a thread through its inspector session, also those that only a module of the
 * program holds.
 *
 * Node keeps all channels in a map that no program can reach; the inspector shows it, as the variable
 * `channels` in the scope of the class `Channel`. Reading it takes some milliseconds. Should a release
 * of Node keep it elsewhere, the heap is searched for objects with the prototypes of channels; that forces a
 * garbage collection, and is done at most once a minute in a thread.
 */
import { type CdpSession, ownUrlPrefix } from '@extension-events/platform-v8';

const side = `globalThis[Symbol.for('extension-events.producer.diagnostics-channel.v1')]`;
const searchEveryMs = 60_000;
const searchedMs = new WeakMap<CdpSession, number>();
let nextGroup = 1;

// `this` is a list of entries or of channels.
const takeIn = `function () { return ${side}?.found(this) ?? -1; }`;

/** Lets the thread part take in all channels; how many there are, -1 when it is not there. */
export async function findChannels(session: CdpSession): Promise<number> {
  const objectGroup = `${ownUrlPrefix}channels-${nextGroup++}`;
  try {
    const look = new Look(session, objectGroup);
    if ((await look.evaluate(side)) === undefined) return -1;
    const entries = await look.findTable();
    if (entries !== undefined) return await look.takeIn(entries);
    if (performance.now() - (searchedMs.get(session) ?? -Infinity) < searchEveryMs) return 0;
    searchedMs.set(session, performance.now());
    return await look.searchHeap();
  } finally {
    session.post('Runtime.releaseObjectGroup', { objectGroup }).catch(() => undefined);
  }
}

class Look {
  readonly #session: CdpSession;
  readonly #objectGroup: string;

  constructor(session: CdpSession, objectGroup: string) {
    this.#session = session;
    this.#objectGroup = objectGroup;
  }

  /** The object's id; `undefined` when the expression gives none. */
  async evaluate(expression: string): Promise<string | undefined> {
    const { result } = await this.#session.post('Runtime.evaluate', {
      expression: `${expression}\n//# sourceURL=${ownUrlPrefix}find-channels`,
      silent: true,
      disableBreaks: true,
      objectGroup: this.#objectGroup,
    });
    return result.subtype === 'error' ? undefined : result.objectId;
  }

  /** The entries of the map in which Node keeps all channels. */
  async findTable(): Promise<string | undefined> {
    const channelClass = await this.evaluate(`${side}.channelClass`);
    const scopes = await this.#internal(channelClass, '[[Scopes]]');
    if (scopes === undefined) return undefined;
    const { result } = await this.#session.post('Runtime.getProperties', { objectId: scopes, ownProperties: true }); // prettier-ignore
    for (const { value: scope } of result) {
      // The last scope is the global object: nothing of Node's own is there.
      if (scope?.objectId === undefined || scope.description === 'Global') continue;
      const variables = await this.#session.post('Runtime.getProperties', { objectId: scope.objectId, ownProperties: true }); // prettier-ignore
      const table = variables.result.find(({ name }) => name === 'channels')?.value?.objectId;
      const entries = await this.#internal(table, '[[Entries]]');
      if (entries !== undefined) return entries;
    }
    return undefined;
  }

  async #internal(objectId: string | undefined, name: string): Promise<string | undefined> {
    if (objectId === undefined) return undefined;
    const { internalProperties = [] } = await this.#session.post('Runtime.getProperties', { objectId, ownProperties: true }); // prettier-ignore
    return internalProperties.find((property) => property.name === name)?.value?.objectId;
  }

  async takeIn(objectId: string): Promise<number> {
    const { result } = await this.#session.post('Runtime.callFunctionOn', {
      objectId,
      functionDeclaration: takeIn,
      silent: true,
      returnByValue: true,
    });
    return typeof result.value === 'number' ? result.value : 0;
  }

  // Channels with and without subscribers have different prototypes.
  async searchHeap(): Promise<number> {
    let count = 0;
    for (const at of [0, 1]) {
      const prototypeObjectId = await this.evaluate(`${side}.prototypes()[${at}]`);
      if (prototypeObjectId === undefined) continue;
      const { objects } = await this.#session.post('Runtime.queryObjects', { prototypeObjectId, objectGroup: this.#objectGroup }); // prettier-ignore
      if (objects.objectId !== undefined) count += await this.takeIn(objects.objectId);
    }
    return count;
  }
}
