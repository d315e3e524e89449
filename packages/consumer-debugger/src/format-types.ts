import type { FieldDescriptor, RequestParameter } from '@extension-events/core';
import { formatQuantity, plural } from './format-quantity.ts';
import type { TypeInfo } from './internal-types.ts';
import { makePrintable, type Paint, shorten } from './paint.ts';

/** Event types in a line each: name, kind, what it says. */
export function formatEventTypes(
  types: readonly TypeInfo[],
  width: number,
  paint: Paint,
): string[] {
  const names = Math.min(40, Math.max(...types.map((type) => type.descriptor.name.length)));
  return types.map(({ descriptor, listeners }) => {
    const heard = listeners === 0 ? '' : ` (${plural(listeners, 'listener')})`;
    const text = `${makePrintable(descriptor.description)}${heard}`;
    const room = Math.max(20, width - names - 13);
    const name = descriptor.name.padEnd(names);
    return `${paint('bold', name)}  ${descriptor.kind.padEnd(9)}  ${shorten(text, room)}`.trimEnd();
  });
}

/** One event type with its fields, their units, and the parameters of its arming. */
export function formatEventType(type: TypeInfo, width: number, paint: Paint): string[] {
  const { descriptor } = type;
  const by = descriptor.producer === undefined ? '' : `, from ${descriptor.producer}`;
  const listeners = type.listeners === 0 ? 'nobody listens' : plural(type.listeners, 'listener');
  const lines = [
    `${paint('bold', descriptor.name)}  ${descriptor.kind}${by}; ${listeners}`,
    `  ${makePrintable(descriptor.description)}`,
  ];
  const fields = Object.entries(descriptor.fields);
  if (fields.length > 0) lines.push('fields:');
  lines.push(...formatRows(fields, width, describeField));
  const parameters = Object.entries(descriptor.request ?? {});
  if (parameters.length > 0) lines.push('parameters:');
  lines.push(...formatRows(parameters, width, describeParameter));
  return lines;
}

function formatRows<F extends FieldDescriptor>(
  entries: readonly (readonly [string, F])[],
  width: number,
  describe: (field: F) => string,
): string[] {
  const names = Math.max(0, ...entries.map(([name]) => name.length));
  return entries.map(([name, field]) => {
    const left = `  ${name.padEnd(names)}  ${field.type.padEnd(6)}  `;
    return `${left}${shorten(makePrintable(describe(field)), Math.max(20, width - left.length))}`.trimEnd();
  });
}

function describeField(field: FieldDescriptor): string {
  const unit = field.unit === undefined || field.unit === '1' ? [] : [`in ${field.unit}`];
  const parts = [
    field.description?.replace(/\.$/, ''),
    ...unit,
    ...(field.optional === true ? ['may be missing'] : []),
  ];
  return parts.filter((part) => part !== undefined && part !== '').join('; ');
}

function describeParameter(field: RequestParameter): string {
  const { default: value, oneOf, min, max } = field;
  const parts = [describeField(field)];
  if (value !== undefined) {
    parts.push(
      `default ${typeof value === 'number' ? formatQuantity(value, undefined) : String(value)}`,
    );
  }
  if (oneOf !== undefined) parts.push(`one of ${oneOf.join(', ')}`);
  if (min !== undefined || max !== undefined) parts.push(`${min ?? '…'} to ${max ?? '…'}`);
  return parts.filter((part) => part !== '').join('; ');
}
