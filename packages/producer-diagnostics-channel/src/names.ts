/**
 * How a channel and its event type call each other. Names of channels are any strings; names of
 * event types have no blanks, no wildcards and an end. What does not fit is written in hexadecimal,
 * as in URLs, so that it can be read back.
 */
import { ExtensionEventError } from '@extension-events/core';

/** Scheme of the event names. */
export const scheme = 'channel';

const prefix = `${scheme}:`;
const maxLength = 200 - prefix.length;
// `%` only where it would be read as an escape.
const unfit = /[^!-~]|[*?]|%(?=[0-9a-f]{2})/giu;
const loneSurrogate = /\p{Surrogate}/u;
const loneSurrogates = /\p{Surrogate}/gu;
// Names that mean something else: symbols, and the operations of a tracing channel.
const taken = /^(?:Symbol\(|tracing:(?!.*:(?:start|end|asyncStart|asyncEnd|error)$))/;
const utf8 = new TextEncoder();

/** The event name of a string channel; `undefined` when its name is too long for one, or no text. */
export function eventNameOf(channelName: string): string | undefined {
  if (channelName === '' || channelName.length > maxLength || loneSurrogate.test(channelName))
    return undefined;
  const fit = channelName.replace(unfit, escape);
  const name = taken.test(fit) ? escape(fit.charAt(0)) + fit.slice(1) : fit;
  return name.length > maxLength ? undefined : prefix + name;
}

function escape(character: string): string {
  let text = '';
  for (const byte of utf8.encode(character)) text += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`; // prettier-ignore
  return text;
}

/** The event name of the n-th symbol with its description that was found in this thread. */
export function symbolNameOf(symbol: symbol, n: number): string | undefined {
  const text = String(symbol).replace(loneSurrogates, '\uFFFD').replace(unfit, escape);
  const name = `${text}#${n}`;
  return name.length > maxLength ? undefined : prefix + name;
}

/** The event name of the operations of a tracing channel: their ends, with how long they took. */
export function operationNameOf(tracingName: string): string | undefined {
  const start = eventNameOf(`tracing:${tracingName}:start`);
  return start?.slice(0, -':start'.length);
}

/** What an event name asks for. */
export type Asked =
  | { readonly kind: 'channel'; readonly channelName: string }
  | { readonly kind: 'operation'; readonly tracingName: string }
  | { readonly kind: 'symbol' };

/** @throws ExtensionEventError `EE_CHANNEL_NAME` */
export function parseEventName(name: string): Asked {
  const text = name.startsWith(prefix) ? name.slice(prefix.length) : '';
  if (/^Symbol\(.*\)#\d+$/.test(text)) return { kind: 'symbol' };
  const channelName = decode(text);
  const isOperation = text.startsWith('tracing:') && taken.test(text);
  const tracingName = channelName.slice('tracing:'.length);
  if (isOperation && tracingName !== '' && operationNameOf(tracingName) === name)
    return { kind: 'operation', tracingName };
  if (!isOperation && eventNameOf(channelName) === name) return { kind: 'channel', channelName };
  throw new ExtensionEventError(
    'EE_CHANNEL_NAME',
    `${name} is not the name of a channel.`,
    'Write channel:NAME, with blanks, wildcards and other than ASCII characters as in URLs: channel:my%20channel.',
  );
}

function decode(text: string): string {
  try {
    return text.replace(/(?:%[0-9a-f]{2})+/gi, decodeURIComponent);
  } catch {
    return ''; // no characters at all
  }
}

/** `tracing:NAME:PHASE`, taken apart. */
export function parseTracingName(channelName: string): { name: string; phase: string } | undefined {
  const [, name = '', phase = ''] = /^tracing:(.+):(start|end|asyncStart|asyncEnd|error)$/s.exec(channelName) ?? []; // prettier-ignore
  return name === '' ? undefined : { name, phase };
}
