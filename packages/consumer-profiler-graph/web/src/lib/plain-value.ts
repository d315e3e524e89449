import type { CatalogueEntry } from '../../../src/graph-types.ts';
import type { PlainValue } from '../../../src/server/messages.ts';
import { formatQuantity } from './format.ts';

export type Field = CatalogueEntry['fields'][number];

const numeric = /^(?:[uif]\d+)$/;

/** Can it be summed up? */
export const isNumeric = ({ type }: Field): boolean => numeric.test(type);

/** A number of a field: addresses in base 16, what names something without separators, else a quantity. */
export function formatFieldNumber(
  value: number,
  field: Pick<Field, 'name' | 'unit' | 'base'> | undefined,
): string {
  if (field?.base === 16 && Number.isInteger(value)) return hexadecimal(value);
  return formatQuantity(value, field?.unit, field?.name);
}

function hexadecimal(value: number | string): string {
  const whole = BigInt(value);
  return whole < 0n ? `-0x${(-whole).toString(16)}` : `0x${whole.toString(16)}`;
}

/** A value of a payload for a person, with its unit. */
export function formatValue(value: PlainValue, field: Field | undefined): string {
  if (typeof value === 'number') return formatFieldNumber(value, field);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'object') {
    return 'cut' in value
      ? `${value.cut}… (${value.length} characters)`
      : `${formatBytesOf(value.base64)}${value.length > 2000 ? '…' : ''} (${value.length} bytes)`;
  }
  if (field?.base === 16 && isNumeric(field) && /^-?\d+$/.test(value)) return hexadecimal(value);
  const isBig = field !== undefined && isNumeric(field) && /^-?\d{1,15}$/.test(value);
  return isBig ? formatFieldNumber(Number(value), field) : value;
}

function formatBytesOf(base64: string): string {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return Array.from(bytes.subarray(0, 64), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** What can be seen of control characters, so that none moves the text. */
export function visible(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (c) => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`); // prettier-ignore
}
