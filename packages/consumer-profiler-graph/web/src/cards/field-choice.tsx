import type { CatalogueEntry } from '../../../src/graph-types.ts';
import { type Field, isNumeric, visible } from '../lib/plain-value.ts';
import { changeCard } from '../model/page-state.ts';
import type { Card } from '../model/page-view.ts';

/** A field, and of which event it is when the card has several. */
export interface ChosenField {
  readonly field: Field;
  readonly event?: string;
}

const isDuration = ({ name, unit = '' }: Field): boolean =>
  /^(?:ns|us|µs|ms|s)$/.test(unit) || name.startsWith('duration');

function fieldsOf(types: readonly CatalogueEntry[], needsNumber: boolean): ChosenField[] {
  const isOnly = types.length === 1;
  return types.flatMap(({ fields, name }) =>
    fields
      .filter((field) => !needsNumber || isNumeric(field))
      .map((field) => (isOnly ? { field } : { field, event: name })),
  );
}

/** The field that a card shows: the chosen one, else the one that is most likely wanted. */
export function chosenField(
  card: Card,
  types: readonly CatalogueEntry[],
  needsNumber: boolean,
): ChosenField | undefined {
  const all = fieldsOf(types, needsNumber);
  const isChosen = ({ event, field }: ChosenField): boolean =>
    field.name === card.field && (card.event === undefined || event === card.event);
  const isLikely = ({ field }: ChosenField): boolean =>
    needsNumber ? isDuration(field) : field.type === 'string';
  return all.find(isChosen) ?? all.find(isLikely) ?? all[0];
}

interface Props {
  readonly card: Card;
  readonly index: number;
  readonly types: readonly CatalogueEntry[];
  readonly chosen: ChosenField;
  readonly needsNumber: boolean;
}

/** No name of an event has a blank in it. */
const keyOf = ({ event = '', field }: ChosenField): string => `${event} ${field.name}`;

/** Chooses the field of a detail. */
export function FieldChoice({ chosen, index, needsNumber, types }: Props) {
  const choose = (key: string): void => {
    const [event = '', ...field] = key.split(' ');
    changeCard(index, { field: field.join(' '), ...(event === '' ? {} : { event }) });
  };
  return (
    <label class="field-choice">
      Field
      <select value={keyOf(chosen)} onChange={(change) => choose(change.currentTarget.value)}>
        {fieldsOf(types, needsNumber).map((one) => (
          <option key={keyOf(one)} value={keyOf(one)}>
            {one.event === undefined ? '' : `${visible(one.event)} · `}
            {visible(one.field.name)}
            {one.field.unit === undefined || one.field.unit === '1' ? '' : ` (${one.field.unit})`}
          </option>
        ))}
      </select>
    </label>
  );
}
