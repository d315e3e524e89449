import type { Choice, EventTypeDescriptor } from '@extension-events/core';
import { print, table } from './output.ts';
import { makePrintable } from './printable.ts';

/** One event type as it is listed: registered in processes, or only installed. */
export interface ListedType {
  readonly descriptor: EventTypeDescriptor;
  readonly listeners: number;
  /** Events posted while somebody listened. */
  readonly heard: number;
  readonly pids: readonly number[];
  /** What its parameters can be here, by name, where the producer can tell. */
  readonly choices?: Readonly<Record<string, readonly Choice[]>>;
}

/** One line a type. */
export function formatTypes(types: readonly ListedType[]): string[] {
  const rows = types.map(
    ({ descriptor: { kind, name, producer = '' }, heard, listeners, pids }) => [
      makePrintable(name),
      kind,
      makePrintable(producer),
      String(listeners),
      String(heard),
      pids.length === 0 ? 'installed' : pids.join(','),
    ],
  );
  return table([['NAME', 'KIND', 'PRODUCER', 'LISTENERS', 'HEARD', 'PIDS'], ...rows]);
}

/** One type with its fields, units and parameters. */
export function printLong({ choices = {}, descriptor, heard, listeners, pids }: ListedType): void {
  const { description, fields, kind, name, producer, request = {} } = descriptor;
  const where = pids.length === 0 ? 'installed' : `in ${pids.join(', ')}`;
  const of = producer === undefined ? '' : `, of ${makePrintable(producer)}`;
  print(`${makePrintable(name)}  ${kind}${of}, ${where}; ${listeners} listeners, heard ${heard}`);
  print(`  ${makePrintable(description)}`);
  const rows = Object.entries(fields).map(
    ([field, { description: text = '', optional, type, unit = '' }]) => [
      `  ${field}${optional === true ? '?' : ''}`,
      type,
      unit,
      text,
    ],
  );
  for (const line of table(rows)) print(makePrintable(line));
  if (Object.keys(request).length === 0) return;
  print('  parameters (--request k=v):');
  const parameters = Object.entries(request).map(
    ([key, { default: value, description: text = '', type, unit = '' }]) => [
      `    ${key}`,
      type,
      unit,
      value === undefined ? '' : `default ${String(value)}`,
      text,
    ],
  );
  for (const line of table(parameters)) print(makePrintable(line));
  for (const [parameter, values] of Object.entries(choices)) {
    print(`  ${parameter} on this machine:`);
    const lines = values.map(({ detail, isPossible, value }) => [`    ${value}`, isPossible ? '' : 'absent', detail]); // prettier-ignore
    for (const line of table(lines)) print(makePrintable(line));
  }
}
