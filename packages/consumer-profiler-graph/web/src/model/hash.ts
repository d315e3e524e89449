import type { RequestValues } from '@extension-events/core';
import type { SourceSpec } from '../../../src/graph-types.ts';
import {
  type Card,
  emptyView,
  lines,
  mostCards,
  type PageView,
  ranges,
  tabs,
} from './page-view.ts';

/**
 * The view as it stands in the address: `#range=300000&card=net.send;by=thread;where=len%20%3D%3D%2013`.
 * It can be read, and sent to somebody who has the address.
 */
export function writeHash(view: PageView): string {
  const { cards, hasScripts, hasTimeline, pausedMs, rangeMs, selection } = view;
  const parts = [`range=${rangeMs}`];
  if (pausedMs !== undefined) parts.push(`paused=${pausedMs}`);
  if (selection !== undefined) parts.push(`span=${selection.fromMs}-${selection.toMs}`);
  if (hasTimeline === true) parts.push('timeline');
  if (hasScripts === true) parts.push('scripts');
  for (const card of cards) parts.push(`card=${writeCard(card)}`);
  return `#${parts.join('&')}`;
}

/** Reads what {@link writeHash} wrote; what makes no sense is passed over. */
export function readHash(hash: string): PageView {
  let view: PageView = emptyView;
  for (const part of hash.replace(/^#/, '').split('&')) {
    const [key, value] = splitOnce(part, '=');
    view = { ...view, ...readPart(key, value, view) };
  }
  return view;
}

function readPart(key: string, value: string, { cards }: PageView): Partial<PageView> {
  switch (key) {
    case 'range':
      return ranges.some(({ ms }) => ms === Number(value)) ? { rangeMs: Number(value) } : {};
    case 'paused':
      return isTime(value) ? { pausedMs: Number(value) } : {};
    case 'span': {
      const [from = '', to = ''] = value.split('-');
      const isSpan = isTime(from) && isTime(to) && Number(from) < Number(to);
      return isSpan ? { selection: { fromMs: Number(from), toMs: Number(to) } } : {};
    }
    case 'timeline':
      return { hasTimeline: true };
    case 'scripts':
      return { hasScripts: true };
    case 'card': {
      const card = readCard(value);
      return card === undefined || cards.length >= mostCards ? {} : { cards: [...cards, card] };
    }
    default:
      return {};
  }
}

function writeCard({ by, event, field, source, tab }: Card): string {
  const { pattern, pid, request = {}, thread, where } = source;
  const words: [string, string | number | undefined][] = [
    ['by', by === 'sum' ? undefined : by],
    ['tab', tab],
    ['field', field],
    ['event', event],
    ['where', where],
    ['pid', pid],
    ['thread', thread],
  ];
  const texts = words.flatMap(([key, value]) => value === undefined ? [] : [`${key}=${encode(String(value))}`]); // prettier-ignore
  const values = Object.entries(request).map(([key, value]) => `${encode(`request.${key}`)}=${encode(writeValue(value))}`); // prettier-ignore
  return [encode(pattern), ...texts, ...values].join(';');
}

function readCard(text: string): Card | undefined {
  const [first = '', ...rest] = text.split(';');
  const pattern = decode(first);
  if (pattern === '') return undefined;
  let source: SourceSpec = { pattern };
  let card: Omit<Card, 'source'> = { by: 'sum' };
  for (const word of rest) {
    const [key, value] = splitOnce(word, '=').map(decode) as [string, string];
    const by = lines.find((one) => one === value);
    const tab = tabs.find((one) => one === value);
    if (value === '') continue;
    if (key === 'by' && by !== undefined) card = { ...card, by };
    else if (key === 'tab' && tab !== undefined) card = { ...card, tab };
    else if (key === 'field') card = { ...card, field: value };
    else if (key === 'event') card = { ...card, event: value };
    else if (key === 'where') source = { ...source, where: value };
    else if (key === 'thread') source = { ...source, thread: value };
    else if (key === 'pid' && /^\d{1,10}$/.test(value)) source = { ...source, pid: Number(value) };
    else if (key.startsWith('request.')) {
      const request = readValue(key.slice(8), value);
      source = { ...source, request: { ...source.request, ...request } };
    }
  }
  return { ...card, source };
}

// The type of a value is not seen from its text: `5` may be a name.
function writeValue(value: number | string | boolean): string {
  return `${typeof value === 'number' ? 'n' : typeof value === 'boolean' ? 'b' : 's'}${String(value)}`; // prettier-ignore
}

function readValue(key: string, text: string): RequestValues {
  const value = text.slice(1);
  if (key === '' || key === '__proto__') return {};
  if (text.startsWith('n')) return Number.isFinite(Number(value)) ? { [key]: Number(value) } : {};
  if (text.startsWith('b')) return { [key]: value === 'true' };
  return { [key]: value };
}

const isTime = (text: string): boolean => /^\d{1,15}$/.test(text);

function splitOnce(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

// Marks of our own are encoded too; what is easy to read is left as it is.
function encode(text: string): string {
  return encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, '\ufffd'));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
