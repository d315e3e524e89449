import type { Channel } from 'node:diagnostics_channel';
import { performance } from 'node:perf_hooks';
import { type EventType, type EventTypeDescriptor, ExtensionEventError, type Registry } from '@extension-events/core'; // prettier-ignore
import { isChannel, onChannelCreated } from './channels.ts';
import { channelRefusedDescriptor, describeChannel, describeOperation } from './events.ts';
import { LearnedType } from './learned-type.ts';
import { eventNameOf, operationNameOf, parseEventName, parseTracingName, scheme, symbolNameOf } from './names.ts'; // prettier-ignore
import { OperationHearer } from './operation.ts';
import { isPublished } from './published.ts';
import { type Hearer, Source } from './source.ts';

/** Most channels of one thread that become event types, so that the rest of its name space stays free. */
export const defaultMaxChannels = 1024;

interface Bridged {
  readonly type: LearnedType;
  /** Of an operation: its channels start, end, asyncEnd. */
  readonly sources: readonly Source[];
  /** Somebody asked for it by name: it stays, channel or not. */
  readonly isAwaited: boolean;
}

const sweepEveryMs = 1000;

/** All channels of this thread as event types of one registry. */
export class ChannelBridge implements Disposable {
  readonly #registry: Registry;
  readonly #maxChannels: number;
  readonly #sources: Map<string | symbol, Source> = new Map();
  readonly #bridged: Map<string, Bridged> = new Map();
  readonly #symbols: Map<symbol, string | undefined> = new Map();
  readonly #symbolCounts: Map<string, number> = new Map();
  readonly #refused: EventType<typeof channelRefusedDescriptor.fields>;
  readonly #created: Disposable;
  #refusals = 0;
  #sweptMs = -Infinity;
  #isLive = true;

  constructor(registry: Registry, maxChannels: number) {
    this.#registry = registry;
    this.#maxChannels = maxChannels;
    this.#refused = registry.registerEventType(channelRefusedDescriptor);
    this.#created = onChannelCreated((channel) => this.#found(channel, true));
  }

  /** Takes in what a search of the thread has brought to light; what is no channel is passed over. */
  found(things: ArrayLike<unknown>): number {
    let count = 0;
    for (let i = 0; i < things.length; i++) {
      const thing = things[i];
      if (!isChannel(thing)) continue;
      count++;
      this.#found(thing, false);
    }
    return count;
  }

  #found(channel: Channel, isFresh: boolean): void {
    const channelName = channel.name;
    if (!this.#isLive || isPublished(channelName)) return;
    const name = this.#nameOf(channelName);
    try {
      if (name === undefined) throw tooLong(channelName);
      if (!this.#bridged.has(name)) this.#makeRoom(name);
      const source = this.#sourceOf(channelName);
      if (isFresh) source.addFresh(channel);
      else source.add(channel);
      this.#bridgeChannel(name, source, false);
      this.#foundPart(channelName);
    } catch (error) {
      this.#refuse(String(channelName), error);
    }
  }

  // A start is what makes a tracing channel.
  #foundPart(channelName: string | symbol): void {
    const traced = typeof channelName === 'string' ? parseTracingName(channelName) : undefined;
    if (traced?.phase === 'start') this.#bridgeOperation(traced.name, false);
  }

  #nameOf(channelName: string | symbol): string | undefined {
    if (typeof channelName === 'string') return eventNameOf(channelName);
    if (this.#symbols.has(channelName)) return this.#symbols.get(channelName);
    if (this.#symbols.size >= this.#maxChannels) return undefined;
    const text = String(channelName);
    const n = (this.#symbolCounts.get(text) ?? 0) + 1;
    const name = symbolNameOf(channelName, n);
    this.#symbolCounts.set(text, n);
    this.#symbols.set(channelName, name);
    return name;
  }

  #sourceOf(channelName: string | symbol): Source {
    const present = this.#sources.get(channelName);
    if (present !== undefined) return present;
    const source = new Source(channelName);
    this.#sources.set(channelName, source);
    return source;
  }

  /**
   * Registers the one named type. The channel itself is made when somebody listens.
   *
   * @throws ExtensionEventError `EE_CHANNEL_NAME`, `EE_CHANNEL_SYMBOL`, `EE_CHANNEL_LIMIT`
   */
  provide(name: string): void {
    if (this.#bridged.has(name)) return;
    const asked = parseEventName(name);
    if (asked.kind === 'symbol') throw this.#unknownSymbol(name);
    this.#makeRoom(name);
    if (asked.kind === 'operation') this.#bridgeOperation(asked.tracingName, true);
    else if (isPublished(asked.channelName)) throw published(name);
    else this.#bridgeChannel(name, this.#sourceOf(asked.channelName), true);
  }

  #bridgeChannel(name: string, source: Source, isAwaited: boolean): void {
    const post: Hearer = (message) => {
      try {
        bridged?.type.post(message);
      } catch {
        // At the end of the program's stack, or of its memory: never its concern.
      }
    };
    const bridged = this.#add(describeChannel(name, source.channelName), [source], isAwaited, {
      listened: (isListened) => (isListened ? source.subscribe(post) : source.unsubscribe(post)),
    });
  }

  #bridgeOperation(tracingName: string, isAwaited: boolean): void {
    const name = operationNameOf(tracingName);
    if (name === undefined || this.#bridged.has(name)) return;
    this.#makeRoom(name);
    const [start, end, asyncEnd] = ['start', 'end', 'asyncEnd'].map((phase) => this.#sourceOf(`tracing:${tracingName}:${phase}`)) as [Source, Source, Source]; // prettier-ignore
    const hearer = new OperationHearer({ start, end, asyncEnd }, (context, { durationMs, ...rest }) => {
      try {
        bridged?.type.post(context, durationMs === undefined ? rest : { ...rest, durationMs });
      } catch {
        // as above
      }
    }); // prettier-ignore
    const bridged = this.#add(describeOperation(name, tracingName), [start, end, asyncEnd], isAwaited, {
      listened: (isListened) => (isListened ? hearer.subscribe() : hearer.unsubscribe()),
    }); // prettier-ignore
  }

  #add(
    descriptor: EventTypeDescriptor,
    sources: readonly Source[],
    isAwaited: boolean,
    events: { listened(isListened: boolean): void },
  ): Bridged | undefined {
    const { name } = descriptor;
    if (this.#bridged.has(name)) return undefined;
    const bridged = { type: new LearnedType(this.#registry, descriptor, events), sources, isAwaited }; // prettier-ignore
    this.#bridged.set(name, bridged);
    return bridged;
  }

  // ---- limits

  #makeRoom(name: string): void {
    if (this.#bridged.size < this.#maxChannels) return;
    const nowMs = performance.now();
    if (nowMs - this.#sweptMs > sweepEveryMs) {
      this.#sweptMs = nowMs;
      this.#sweep();
      if (this.#bridged.size < this.#maxChannels) return;
    }
    throw new ExtensionEventError('EE_CHANNEL_LIMIT', `${name} does not become an event type: ${this.#bridged.size} channels of this thread are.`, 'A program that makes a channel for each of many things should put what varies into the message.'); // prettier-ignore
  }

  // Channels that the program has let go, and nobody listens to.
  #sweep(): void {
    for (const [name, { type, sources, isAwaited }] of this.#bridged) {
      if (isAwaited || type.isListened || !sources.every((source) => source.isGone)) continue;
      type.unregister();
      this.#bridged.delete(name);
    }
    for (const [channelName, source] of this.#sources) {
      if (source.isGone) this.#sources.delete(channelName);
    }
  }

  #refuse(name: string, error: unknown): void {
    this.#refusals++;
    if (!this.#refused.hasListeners) return;
    const { code = 'EE_CHANNEL_NAME', message = '' } = error as { code?: string; message?: string };
    this.#refused.post({
      name: name.slice(0, 200),
      reason: `${code}: ${message}`,
      count: this.#refusals,
    });
  }

  #unknownSymbol(name: string): ExtensionEventError {
    const known = [...this.#symbols.values()].filter((one) => one !== undefined).slice(0, 10);
    const hint = known.length === 0 ? 'None is known in this thread.' : `Known are: ${known.join(', ')}.`; // prettier-ignore
    return new ExtensionEventError('EE_CHANNEL_SYMBOL', `${name} is not there: symbols are numbered as they are found.`, `Symbols cannot be waited for by name; listen to ${scheme}:Symbol* for those to come. ${hint}`); // prettier-ignore
  }

  [Symbol.dispose](): void {
    if (!this.#isLive) return;
    this.#isLive = false;
    this.#created[Symbol.dispose]();
    for (const { type } of this.#bridged.values()) type.unregister();
    this.#bridged.clear();
    this.#sources.clear();
    this.#refused.unregister();
  }
}

function tooLong(channelName: string | symbol): ExtensionEventError {
  return new ExtensionEventError('EE_CHANNEL_NAME', `The channel ${String(channelName).slice(0, 80)}… cannot be named: names of events have at most 200 characters.`, 'Give it a shorter name.'); // prettier-ignore
}

function published(name: string): ExtensionEventError {
  return new ExtensionEventError('EE_CHANNEL_NAME', `${name} is a channel that events are published to.`, 'Listen to the event itself.'); // prettier-ignore
}
