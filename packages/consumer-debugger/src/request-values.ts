import type { EventTypeDescriptor, RequestValues } from '@extension-events/core';

/**
 * The parameters of a `catch`, typed: as the event type declares them when it is known, else by
 * their looks. `3%` is 0.03. Whether they are valid is for the process to say, where they are used.
 */
export function toRequestValues(
  texts: ReadonlyMap<string, string>,
  descriptor: EventTypeDescriptor | undefined,
): RequestValues {
  const values: Record<string, number | string | boolean> = {};
  for (const [name, text] of texts) {
    const type = descriptor?.request?.[name]?.type;
    values[name] = type === 'string' ? text : readValue(text);
  }
  return values;
}

function readValue(text: string): number | string | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  const percent = /^(.+)%$/.exec(text)?.[1];
  const number = readNumber(percent ?? text);
  if (number === undefined) return text;
  return percent === undefined ? number : number / 100;
}

function readNumber(text: string): number | undefined {
  if (!/^[+-]?(?:\d|\.\d|0x)/i.test(text)) return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

/** `share=0.03 windowMs=2000`, as it would be typed. */
export function formatRequest(request: RequestValues): string {
  return Object.entries(request)
    .map(([name, value]) => {
      const text = String(value);
      return `${name}=${/^[^\s"']+$/.test(text) ? text : JSON.stringify(text)}`;
    })
    .join(' ');
}
