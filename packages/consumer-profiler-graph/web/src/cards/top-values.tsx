import type { CatalogueEntry } from '../../../src/graph-types.ts';
import { useView } from '../link/use-view.ts';
import { formatCount, formatShare, formatTime } from '../lib/format.ts';
import { type Field, formatValue, isNumeric, visible } from '../lib/plain-value.ts';
import { detailRange } from '../model/page-state.ts';
import type { Card } from '../model/page-view.ts';
import { Bar, Fault, Loading, Nothing } from '../parts/bits.tsx';
import { chosenField, FieldChoice } from './field-choice.tsx';

interface Props {
  readonly card: Card;
  readonly index: number;
  readonly types: readonly CatalogueEntry[];
}

/** The most frequent values of a field. */
export function TopValuesView(props: Props) {
  const { card, types } = props;
  const chosen = chosenField(card, types, false);
  const range = detailRange.value;
  const { error, value } = useView(
    chosen === undefined
      ? undefined
      : { of: 'top', source: card.source, field: chosen.field.name,
          ...(chosen.event === undefined ? {} : { event: chosen.event }), ...(range === undefined ? {} : { range }) }, // prettier-ignore
  );
  if (chosen === undefined) return <Nothing title="This event carries no fields." />;
  const most = value?.values[0]?.count ?? 1;
  return (
    <>
      <div class="detail-bar">
        <FieldChoice {...props} chosen={chosen} needsNumber={false} />
        {value !== undefined && (
          <span class="quiet">
            {formatCount(value.count)} incidents
            {range === undefined ? ` since ${formatTime(value.sinceMs)}` : ''}
          </span>
        )}
      </div>
      {error !== undefined && <Fault error={error} />}
      {value === undefined && error === undefined && <Loading what="Counting values" />}
      {value?.values.length === 0 && <Nothing title="No incident with this field yet." />}
      {value !== undefined && value.values.length > 0 && (
        <table class="top-values">
          <thead>
            <tr>
              <th scope="col">Value</th>
              <th scope="col">Count</th>
              <th scope="col">Share</th>
              <th scope="col" class="bar-column">
                <span class="hidden">Bar</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {value.values.map(({ count, error: over, value: text }) => (
              <tr key={text}>
                <td class="value mono" title={visible(text)}>
                  {text === '' ? <i>empty</i> : visible(formatTop(text, chosen.field))}
                </td>
                <td
                  class="number"
                  title={over > 0 ? `At most ${formatCount(over)} too many` : undefined}
                >
                  {over > 0 ? '≤ ' : ''}
                  {formatCount(count)}
                </td>
                <td class="number">{formatShare(count / Math.max(1, value.count))}</td>
                <td class="bar-column">
                  <Bar share={count / Math.max(1, most)} label="Compared with the first" />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

// Numbers come as their digits.
function formatTop(text: string, field: Field): string {
  const isNumber = isNumeric(field) && text.trim() !== '' && Number.isFinite(Number(text));
  if (!isNumber || /^-?\d{16,}$/.test(text)) return formatValue(text, field);
  return formatValue(Number(text), field);
}
