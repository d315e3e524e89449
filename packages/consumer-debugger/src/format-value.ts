/** Values of the traced program in a line, as node and gdb print them: short, nested once at most. */
import { makePrintable, shorten } from './paint.ts';
import type { PropertyPreview, RemoteProperty, RemoteValue, ValuePreview } from './v8-types.ts';

export interface ValueStyle {
  /** Longest text; what goes beyond is cut with `…`. */
  readonly maxLength: number;
  /** Show the first properties or elements. */
  readonly isOpen: boolean;
}

/** Arguments in a frame line. */
export const shortStyle: ValueStyle = { maxLength: 28, isOpen: false };
/** Locals in a stop. */
export const lineStyle: ValueStyle = { maxLength: 64, isOpen: true };
/** `print`. */
export const fullStyle: ValueStyle = { maxLength: 2000, isOpen: true };

export function formatValue(value: RemoteValue, style: ValueStyle): string {
  if (value.type === 'string') return quote(String(value.value), style.maxLength);
  return shorten(makePrintable(formatOther(value, style)), style.maxLength);
}

function formatOther(value: RemoteValue, style: ValueStyle): string {
  if (value.subtype === 'null') return 'null';
  switch (value.type) {
    case 'undefined':
      return 'undefined';
    case 'number':
    case 'boolean':
    case 'bigint':
      return value.unserializableValue ?? String(value.value);
    case 'function':
      return formatFunction(value);
    case 'object':
      return formatObject(value, style);
    default:
      return value.description ?? value.type;
  }
}

function quote(text: string, maxLength: number): string {
  const quoted = makePrintable(JSON.stringify(text));
  return quoted.length <= maxLength ? quoted : `${quoted.slice(0, Math.max(1, maxLength - 2))}…"`;
}

const functionKinds: Readonly<Record<string, string>> = {
  AsyncFunction: 'AsyncFunction',
  GeneratorFunction: 'GeneratorFunction',
  AsyncGeneratorFunction: 'AsyncGeneratorFunction',
};

/** V8 describes a function by its whole text; its kind and name are enough. */
function formatFunction(value: RemoteValue): string {
  const text = value.description ?? '';
  const className = /^class\s+([\p{ID_Continue}$]+)/u.exec(text)?.[1];
  if (text.startsWith('class')) return `[class ${className ?? '(anonymous)'}]`;
  const kind = functionKinds[value.className ?? ''] ?? 'Function';
  const name =
    /^(?:async\s+)?(?:function\s*\*?\s*|\*\s*)?([\p{ID_Start}$_#][\p{ID_Continue}$]*)\s*\(/u.exec(
      text,
    )?.[1];
  return name === undefined ? `[${kind} (anonymous)]` : `[${kind}: ${name}]`;
}

function formatObject(value: RemoteValue, style: ValueStyle): string {
  const title = firstLine(value.description ?? value.className ?? 'Object');
  const isWhole = ['date', 'regexp', 'error', 'node'].includes(value.subtype ?? '');
  if (isWhole) return title;
  if (!style.isOpen || value.preview === undefined) return title === 'Object' ? '{…}' : title;
  return formatPreview(value.preview, title, style.maxLength);
}

function formatPreview(preview: ValuePreview, title: string, maxLength: number): string {
  const isList = preview.subtype === 'array' || preview.subtype === 'typedarray';
  const parts =
    preview.entries === undefined
      ? formatProperties(preview, isList)
      : preview.entries.map(({ key, value }) =>
          key === undefined
            ? formatNested(value)
            : `${formatNested(key)} => ${formatNested(value)}`,
        );
  const [open, close] = isList ? ['[', ']'] : ['{', '}'];
  const start = title === 'Object' ? open : `${title} ${open}`;
  const room = maxLength - start.length - close.length;
  return start + fit(parts, room, preview.overflow).join(', ') + close;
}

/** As many parts as fit in a line of `room` characters; `…` stands for the rest. */
function fit(parts: readonly string[], room: number, hasMore: boolean): readonly string[] {
  if (!hasMore && parts.join(', ').length <= room) return parts;
  const shown: string[] = [];
  let left = room - 1;
  for (const part of parts) {
    left -= part.length + 2;
    if (left < 0) break;
    shown.push(part);
  }
  return [...shown, '…'];
}

function formatProperties(preview: ValuePreview, isList: boolean): string[] {
  return preview.properties
    .filter((property) => !(isList && !/^\d+$/.test(property.name)))
    .map((property) =>
      isList ? formatProperty(property) : `${property.name}: ${formatProperty(property)}`,
    );
}

function formatProperty(property: PropertyPreview): string {
  if (property.type === 'accessor') return '<getter>';
  if (property.type === 'function') return '[Function]';
  const text = property.value ?? property.type;
  if (property.type === 'string') return quote(text, 40);
  return text === 'Object' ? '{…}' : text;
}

function formatNested(preview: ValuePreview): string {
  const text = preview.description ?? preview.type;
  if (preview.type === 'string') return quote(text, 40);
  if (preview.type === 'function') return '[Function]';
  return text === 'Object' ? '{…}' : text;
}

function firstLine(text: string): string {
  const end = text.indexOf('\n');
  return end === -1 ? text : text.slice(0, end);
}

/** One line for each property of an object, at most `limit`. */
export function formatPropertyLines(
  properties: readonly RemoteProperty[],
  limit: number,
): string[] {
  const lines = properties.slice(0, limit).map((property) => {
    const { name, value } = property;
    const key = /^[\p{ID_Start}$_#][\p{ID_Continue}$]*$|^\d+$/u.test(name)
      ? name
      : makePrintable(JSON.stringify(name));
    return `  ${key}: ${value === undefined ? '<getter>' : formatValue(value, lineStyle)},`;
  });
  if (properties.length > limit) lines.push(`  … ${properties.length - limit} more`);
  return lines;
}
