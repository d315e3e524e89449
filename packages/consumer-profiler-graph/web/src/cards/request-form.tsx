import type { RequestValues } from '@extension-events/core';
import type { CatalogueEntry } from '../../../src/graph-types.ts';
import { visible } from '../lib/plain-value.ts';
import { changeCard } from '../model/page-state.ts';
import type { Card } from '../model/page-view.ts';
import { readRequest } from './read-request.ts';

type Parameter = CatalogueEntry['request'][number];

interface Props {
  readonly card: Card;
  readonly index: number;
  readonly parameters: readonly Parameter[];
  readonly onDone: () => void;
}

/** The parameters of a requested type, as its descriptor has them. */
export function RequestForm({ card, index, onDone, parameters }: Props) {
  const values = card.source.request ?? {};
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const textOf = (name: string): string | undefined => {
      const value = form.get(name);
      return typeof value === 'string' ? value : undefined;
    };
    const request = readRequest(parameters, textOf);
    const { request: _old, ...source } = card.source;
    const isPlain = Object.keys(request).length === 0;
    changeCard(index, { source: isPlain ? source : { ...source, request } });
    onDone();
  };
  return (
    <form class="card-form request" onSubmit={submit}>
      <div class="parameters">
        {parameters.map((parameter) => (
          <label
            key={parameter.name}
            title={parameter.description === undefined ? undefined : visible(parameter.description)}
          >
            <span>
              {visible(parameter.name)}
              {parameter.unit === undefined || parameter.unit === '1' ? '' : ` (${parameter.unit})`}
            </span>
            <Input parameter={parameter} values={values} />
          </label>
        ))}
      </div>
      <button type="submit" class="primary small">
        Apply
      </button>
      <button type="button" class="small" onClick={onDone}>
        Cancel
      </button>
      <p class="quiet">Empty: what the type takes by itself. Another choice begins a new count.</p>
    </form>
  );
}

function Input({
  parameter,
  values,
}: {
  readonly parameter: Parameter;
  readonly values: RequestValues;
}) {
  const { default: standard, max, min, name, oneOf, type } = parameter;
  const value = values[name];
  const usual = standard === undefined ? '' : String(standard);
  const options = type === 'bool' ? ['true', 'false'] : oneOf;
  if (options !== undefined)
    return (
      <select name={name} value={value === undefined ? '' : String(value)}>
        <option value="">{usual === '' ? '–' : `${usual} (default)`}</option>
        {options.map((option) => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
    );
  if (type === 'string')
    return <input name={name} defaultValue={value === undefined ? '' : String(value)} placeholder={usual} spellcheck={false} />; // prettier-ignore
  return <input name={name} type="number" step="any" min={min} max={max} defaultValue={value === undefined ? '' : String(value)} placeholder={usual} />; // prettier-ignore
}
