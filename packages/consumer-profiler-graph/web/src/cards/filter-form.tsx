import { useEffect, useRef } from 'preact/hooks';
import type { CatalogueEntry } from '../../../src/graph-types.ts';
import { isNumeric } from '../lib/plain-value.ts';
import { changeCard } from '../model/page-state.ts';
import type { Card } from '../model/page-view.ts';

interface Props {
  readonly card: Card;
  readonly index: number;
  readonly types: readonly CatalogueEntry[];
  readonly onDone: () => void;
}

/** A predicate; the posting thread evaluates it, so what does not fit costs next to nothing. */
export function FilterForm({ card, index, onDone, types }: Props) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const fields = types.flatMap((type) => type.fields);
  const names = [...new Set(fields.map(({ name }) => name))];
  const number = fields.find((field) => isNumeric(field));
  const submit = (event: Event): void => {
    event.preventDefault();
    const { where: _old, ...source } = card.source;
    const where = input.current?.value.trim() ?? '';
    changeCard(index, { source: where === '' ? source : { ...source, where } });
    onDone();
  };
  return (
    <form class="card-form" onSubmit={submit}>
      <label for={`where-${index}`}>Only where</label>
      <input
        id={`where-${index}`}
        ref={input}
        class="mono"
        defaultValue={card.source.where ?? ''}
        placeholder={
          number === undefined && names[0] !== undefined
            ? `${names[0]} == "x"`
            : `${number?.name ?? 'len'} == 13`
        }
        autocomplete="off"
        spellcheck={false}
      />
      <button type="submit" class="primary small">
        Apply
      </button>
      <button type="button" class="small" onClick={onDone}>
        Cancel
      </button>
      {names.length > 0 && <p class="quiet">Fields: {names.join(', ')}</p>}
    </form>
  );
}
