import type { EventTypeDescriptor } from '@extension-events/core';
import { eventNameOf, operationNameOf } from './names.ts';

/** Id of the producer. */
export const producerId = 'diagnostics-channel';

/** Name of the event that tells of channels that did not become event types. */
export const channelRefused = 'channels.refused';

/** Descriptor of `channels.refused`. */
export const channelRefusedDescriptor = {
  name: 'channels.refused',
  kind: 'filtered',
  description: 'A channel of this thread did not become an event type.',
  producer: 'diagnostics-channel',
  fields: {
    name: { type: 'string', description: 'the channel' },
    reason: { type: 'string', description: 'code and message' },
    count: { type: 'u32', unit: '{channel}', description: 'channels refused so far, this one included' },
  },
} as const; // prettier-ignore

/** Fields of every channel's event type; what its messages hold comes beside them. */
export const messageFields = {
  json: { type: 'string', description: 'the message as JSON text, cut to some 2000 characters' },
} as const;

/** Fields of a tracing channel's operations, beside what their context holds. */
export const operationFields = {
  phase: { type: 'string', description: 'end: the call has returned; asyncEnd: what it began is over' },
  durationMs: { type: 'f64', unit: 'ms', description: 'since its start; missing where that was not heard', optional: true },
  failed: { type: 'bool', description: 'its context has an error' },
  settled: { type: 'bool', description: 'nothing more will come of it: it has a result or an error, or this is asyncEnd' },
  json: { type: 'string', description: 'the context as JSON text, cut to some 2000 characters' },
} as const; // prettier-ignore

/** The event type of a channel before its first message. */
export function describeChannel(name: string, channelName: string | symbol): EventTypeDescriptor {
  return {
    name,
    kind: 'filtered',
    description: `Published to the diagnostics channel ${String(channelName)}.`,
    producer: producerId,
    fields: messageFields,
    isProvisional: true,
  };
}

/** The event type of a tracing channel's operations before the first of them. */
export function describeOperation(name: string, tracingName: string): EventTypeDescriptor {
  return {
    name,
    kind: 'filtered',
    description: `An operation traced by the tracing channel ${tracingName} returned, or is over.`,
    producer: producerId,
    fields: operationFields,
    isProvisional: true,
  };
}

// In Node's documentation, under "Built-in Channels"; a process has those whose modules it has loaded.
const nodeChannels = [
  'console.log', 'console.info', 'console.debug', 'console.warn', 'console.error',
  'http.client.request.created', 'http.client.request.start', 'http.client.request.error', 'http.client.response.finish',
  'http.server.request.start', 'http.server.response.created', 'http.server.response.finish',
  'http2.client.stream.created', 'http2.client.stream.start', 'http2.client.stream.error', 'http2.client.stream.finish', 'http2.client.stream.close',
  'http2.server.stream.created', 'http2.server.stream.start', 'http2.server.stream.error', 'http2.server.stream.finish', 'http2.server.stream.close',
  'net.client.socket', 'net.server.socket', 'udp.socket',
  'child_process', 'process.execve', 'worker_threads',
]; // prettier-ignore
const nodeTracingChannels = [
  'module.require',
  'module.import',
  'net.server.listen',
  'child_process.spawn',
];
const phases = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'];

/** What a process has of Node alone. */
export function describeNodeChannels(): EventTypeDescriptor[] {
  const traced = nodeTracingChannels.flatMap((name) => phases.map((phase) => `tracing:${name}:${phase}`));
  const channels = [...nodeChannels, ...traced].map((name) => describeChannel(eventNameOf(name) ?? '', name));
  const operations = nodeTracingChannels.map((name) => describeOperation(operationNameOf(name) ?? '', name));
  return [...channels, ...operations];
} // prettier-ignore
