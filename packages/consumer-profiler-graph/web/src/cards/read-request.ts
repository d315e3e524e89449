import type { RequestValues } from '@extension-events/core';
import type { CatalogueEntry } from '../../../src/graph-types.ts';

/** Texts of a form as values of the types that the parameters have; what is empty is left out. */
export function readRequest(
  parameters: CatalogueEntry['request'],
  textOf: (name: string) => string | undefined,
): RequestValues {
  const values: Record<string, number | string | boolean> = {};
  for (const { name, type } of parameters) {
    const text = textOf(name)?.trim() ?? '';
    if (text === '') continue;
    if (type === 'bool') values[name] = text === 'true';
    else if (type === 'string') values[name] = text;
    else if (Number.isFinite(Number(text))) values[name] = Number(text);
  }
  return values;
}
