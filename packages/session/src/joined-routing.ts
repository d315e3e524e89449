import { compilePattern, type EventTypeDescriptor, isExactPattern } from '@extension-events/core';
import type { ThreadInfo, TypeInfo } from '@extension-events/protocol';
import type { HostProducerSource } from './connection.ts';
import type { ListenOptions } from './listening.ts';
import type { Side } from './target-connection.ts';

/** What each side can serve, as far as it is known. */
export interface Reach {
  /** Names that are registered there; `undefined`: the side is not connected. */
  readonly agent: readonly TypeInfo[] | undefined;
  readonly host: readonly TypeInfo[] | undefined;
  /** Could the agent's producers post under this name? They are loaded when they are asked for. */
  mayProvide(name: string): boolean;
  /** Is this name posted from inside the JavaScript threads, whatever else may post it elsewhere? */
  isPostedInside(name: string): boolean;
  readonly canStartHost: boolean;
  readonly hostProducers: readonly HostProducerSource[];
  /** The thread that a listen is for; `undefined`: all, or one that nobody knows. */
  threadOf(name: string | undefined): { readonly info: ThreadInfo; readonly isScripted: boolean } | undefined; // prettier-ignore
}

/** The sides that serve a listen. A host that is named and not connected is to be started. */
export function chooseSides({ pattern, thread: name }: ListenOptions, reach: Reach): Side[] {
  const thread = reach.threadOf(name);
  const sides = isExactPattern(pattern) ? forName(pattern, reach) : forPattern(pattern, reach);
  if (sides.length < 2) return sides;
  // Both can: a JavaScript thread is the agent's, which sees it better, any other one the host's.
  if (thread !== undefined) return [thread.isScripted ? 'agent' : 'host'];
  // What JavaScript does is all there is to see, as a rule: no host for the sake of the rest.
  return isExactPattern(pattern) && reach.isPostedInside(pattern) ? ['agent'] : sides;
}

function forName(name: string, reach: Reach): Side[] {
  const isWith = (types: readonly TypeInfo[] | undefined): boolean =>
    types?.some(({ descriptor }) => descriptor.name === name) === true;
  const isAtAgent = isWith(reach.agent) || (reach.agent !== undefined && reach.mayProvide(name));
  const isAtHost = isWith(reach.host) || (hasHost(reach) && isPromised(name, reach.hostProducers));
  if (isAtAgent && isAtHost) return ['agent', 'host'];
  if (isAtAgent) return ['agent'];
  if (isAtHost) return ['host'];
  // Nobody knows it yet: whoever is there waits for it.
  const mayBeProvided =
    reach.canStartHost && reach.hostProducers.some(({ eventTypes }) => eventTypes === undefined);
  return present(reach, mayBeProvided);
}

/** Is there a type that the pattern means? Wildcards mean those that are posted anyway. */
export function isNamed(pattern: string, types: readonly TypeInfo[]): boolean {
  const matches = compilePattern(pattern);
  const isExact = isExactPattern(pattern);
  return types.some(({ descriptor: { kind, name } }) => matches(name) && (isExact || kind === 'filtered')); // prettier-ignore
}

function forPattern(pattern: string, reach: Reach): Side[] {
  const matches = compilePattern(pattern);
  // Wildcards hear filtered types only.
  const isHeard = ({ kind, name }: EventTypeDescriptor): boolean =>
    kind === 'filtered' && matches(name);
  const hostPosts = reach.hostProducers.some(({ eventTypes = [] }) => eventTypes.some(isHeard));
  return present(reach, reach.canStartHost && hostPosts);
}

function present(reach: Reach, needsHost: boolean): Side[] {
  const agent: Side[] = reach.agent === undefined ? [] : ['agent'];
  const isHostIn = reach.host !== undefined || needsHost || agent.length === 0;
  return isHostIn ? [...agent, 'host'] : agent;
}

function hasHost({ canStartHost, host }: Reach): boolean {
  return canStartHost || host !== undefined;
}

function isPromised(name: string, producers: readonly HostProducerSource[]): boolean {
  const scheme = /^([^:]+):/.exec(name)?.[1];
  return producers.some(
    ({ eventTypes = [], schemes = [] }) =>
      eventTypes.some((type) => type.name === name) ||
      (scheme !== undefined && schemes.includes(scheme)),
  );
}
