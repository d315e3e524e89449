import type { CatalogueEntry } from '../../../src/graph-types.ts';
import type { IncidentView } from '../../../src/server/messages.ts';
import { formatExactTime } from '../lib/format.ts';
import { formatValue, visible } from '../lib/plain-value.ts';
import { Icon } from '../parts/bits.tsx';
import { splitFrame } from './split-frame.ts';
import { fieldsOfEvent } from './summarize.ts';

interface Props {
  readonly incident: IncidentView;
  readonly types: readonly CatalogueEntry[];
  readonly onClose: () => void;
}

/** All that one incident carries, and who posted it. */
export function IncidentDetail({ incident, onClose, types }: Props) {
  const { event, payload, pid, stack, threadName, tid, timeMs } = incident;
  const fields = fieldsOfEvent(types, event);
  const own = Object.entries(payload).find(([name]) => fields.get(name)?.type === 'stack')?.[1];
  const frames = stack ?? (typeof own === 'string' ? own.split('\n') : undefined);
  const rest = Object.entries(payload).filter(([name]) => fields.get(name)?.type !== 'stack');
  return (
    <section class="incident-detail" aria-label={`Incident at ${formatExactTime(timeMs)}`}>
      <header>
        <h3 class="mono">{visible(event)}</h3>
        <button type="button" class="plain" aria-label="Close the incident" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <p class="quiet">
        {formatExactTime(timeMs)} · process {pid} · thread {visible(threadName)} ({tid})
      </p>
      <table class="payload">
        <tbody>
          {rest.map(([name, value]) => {
            const field = fields.get(name);
            return (
              <tr
                key={name}
                title={field?.description === undefined ? undefined : visible(field.description)}
              >
                <th scope="row">{visible(name)}</th>
                <td class="mono">{visible(formatValue(value, field))}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <h4>Stack</h4>
      {frames === undefined || frames.length === 0 ? (
        <p class="quiet">
          None was captured: stacks are taken while this list is open, at most some hundred a
          second.
        </p>
      ) : (
        <ol class="stack">
          {frames.map((frame, i) => {
            const { name, place } = splitFrame(frame);
            return (
              <li key={i}>
                <span class="mono">{visible(name)}</span>
                {place !== undefined && <span class="mono quiet place">{visible(place)}</span>}
              </li>
            );
          })}
        </ol>
      )}
    </section>
  );
}
