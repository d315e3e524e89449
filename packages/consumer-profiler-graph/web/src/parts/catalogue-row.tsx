import { useState } from 'preact/hooks';
import type { CatalogueEntry } from '../../../src/graph-types.ts';
import { formatCount, formatShort } from '../lib/format.ts';
import { visible } from '../lib/plain-value.ts';
import { addCard } from '../model/page-state.ts';
import { Icon } from './bits.tsx';

/** One event type: a click graphs it, the arrow shows what it is. */
export function CatalogueRow({
  entry,
  isGraphed,
}: {
  readonly entry: CatalogueEntry;
  readonly isGraphed: boolean;
}) {
  const [isOpen, setOpen] = useState(false);
  const { description, kind, listeners, lost, name, perSecond } = entry;
  return (
    <li class={`event-type${isGraphed ? ' graphed' : ''}`}>
      <div class="event-line">
        <button
          type="button"
          class="plain turn"
          aria-expanded={isOpen}
          aria-label={`About ${name}`}
          onClick={() => setOpen(!isOpen)}
        >
          <Icon name="chevron" />
        </button>
        <button
          type="button"
          class="event-name"
          title={`${visible(name)}\n${visible(description)}`}
          onClick={() => addCard({ pattern: name })}
        >
          <span class={`kind ${kind}`} aria-label={kind} title={kind} role="img" />
          <span class="event-text">{visible(name)}</span>
        </button>
        {lost > 0 && (
          <span class="lost" title={`${formatCount(lost)} of them were lost here`}>
            −{formatShort(lost)}
          </span>
        )}
        <span class={`number rate${listeners === 0 ? ' quiet' : ''}`} title={rateTitle(entry)}>
          {perSecond === undefined ? '–' : `${formatShort(perSecond)}/s`}
        </span>
      </div>
      {isOpen && <EventDetail entry={entry} />}
    </li>
  );
}

function rateTitle({ heard, listeners, perSecond }: CatalogueEntry): string {
  if (perSecond === undefined) return 'Nobody listens: what nobody hears is not counted';
  return `${formatCount(heard)} heard, by ${listeners} listener${listeners === 1 ? '' : 's'}`;
}

function EventDetail({ entry }: { readonly entry: CatalogueEntry }) {
  const { description, fields, kind, pids, producer, request } = entry;
  return (
    <div class="event-detail">
      <p>{visible(description)}</p>
      <p class="quiet">
        {kind === 'requested' ? 'Requested: its source runs only while it is heard. ' : ''}
        {producer === undefined ? '' : `Posted by ${visible(producer)}. `}
        In {pids.length === 1 ? `process ${pids[0]}` : `${pids.length} processes`}.
      </p>
      <FieldTable title="Fields" fields={fields} />
      {request.length > 0 && <FieldTable title="Parameters" fields={request} />}
    </div>
  );
}

function FieldTable({
  fields,
  title,
}: {
  readonly title: string;
  readonly fields: CatalogueEntry['request'];
}) {
  if (fields.length === 0) return null;
  return (
    <table class="fields">
      <caption>{title}</caption>
      <tbody>
        {fields.map(({ default: standard, description, name, type, unit }) => (
          <tr key={name} title={description === undefined ? undefined : visible(description)}>
            <th scope="row">{visible(name)}</th>
            <td>{type}</td>
            <td>{unit ?? ''}</td>
            <td>{standard === undefined ? '' : `= ${visible(String(standard))}`}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
