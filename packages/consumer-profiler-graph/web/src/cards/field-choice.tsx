import type { CatalogueEntry } from '../../../src/graph-types.ts';
import { type Field, isNumeric } from '../lib/plain-value.ts';
import { visible } from '../lib/plain-value.ts';
import { changeCard } from '../model/page-state.ts';
import type { Card } from '../model/page-view.ts';

/** All fields of the types, each name once. */
export function fieldsOf(types: readonly CatalogueEntry[]): Field[] {
  const all = types.flatMap(({ fields }) => fields);
  return [...new Map(all.map((field) => [field.name, field])).values()];
}

const isDuration = ({ name, unit = '' }: Field): boolean =>
  /^(?:ns|us|µs|ms|s)$/.test(unit) || name.startsWith('duration');

/** The field that a card shows: the chosen one, else the one that is most likely wanted. */
export function chosenField(
  card: Card,
  types: readonly CatalogueEntry[],
  needsNumber: boolean,
): Field | undefined {
  const fields = fieldsOf(types).filter((field) => !needsNumber || isNumeric(field));
  const chosen = fields.find(({ name }) => name === card.field);
  if (chosen !== undefined) return chosen;
  if (needsNumber) return fields.find(isDuration) ?? fields[0];
  return fields.find(({ type }) => type === 'string') ?? fields[0];
}

interface Props {
  readonly card: Card;
  readonly index: number;
  readonly types: readonly CatalogueEntry[];
  readonly field: Field;
  readonly needsNumber: boolean;
}

/** Chooses the field of a detail. */
export function FieldChoice({ card: _card, field, index, needsNumber, types }: Props) {
  const fields = fieldsOf(types).filter((one) => !needsNumber || isNumeric(one));
  return (
    <label class="field-choice">
      Field
      <select
        value={field.name}
        onChange={(event) => changeCard(index, { field: event.currentTarget.value })}
      >
        {fields.map(({ name, unit }) => (
          <option key={name} value={name}>
            {visible(name)}
            {unit === undefined || unit === '1' ? '' : ` (${unit})`}
          </option>
        ))}
      </select>
    </label>
  );
}
