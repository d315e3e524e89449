import { useRef, useState } from 'preact/hooks';
import type { CatalogueEntry, SourceSpec } from '../../../src/graph-types.ts';
import type { IncidentsView, IncidentView } from '../../../src/server/messages.ts';
import { useView } from '../link/use-view.ts';
import { formatCount, formatExactTime } from '../lib/format.ts';
import { visible } from '../lib/plain-value.ts';
import { detailRange } from '../model/page-state.ts';
import { Fault, Loading, Nothing } from '../parts/bits.tsx';
import { IncidentDetail } from './incident-detail.tsx';
import { summarize } from './summarize.ts';

const limit = 200;
const frames = 24;

interface Props {
  readonly source: SourceSpec;
  readonly types: readonly CatalogueEntry[];
}

/** The newest incidents. Under the pointer the list stands still, so that a row can be clicked. */
export function IncidentList({ source, types }: Props) {
  const range = detailRange.value;
  const { error, value } = useView({ of: 'incidents', source, limit, stack: frames, ...(range === undefined ? {} : { range }) }); // prettier-ignore
  const [isHeld, setHeld] = useState(false);
  const [chosen, setChosen] = useState<IncidentView | undefined>(undefined);
  const shown = useRef<IncidentsView | undefined>(undefined);
  if (!isHeld || shown.current === undefined) shown.current = value;
  const list = shown.current;
  const waiting = (value?.total ?? 0) - (list?.total ?? 0);
  if (error !== undefined) return <Fault error={error} />;
  if (list === undefined) return <Loading what="Waiting for incidents; stacks are captured from now on" />; // prettier-ignore
  if (list.items.length === 0)
    return <Nothing title={range === undefined ? 'No incident yet.' : 'No incident that is still kept in this time.'} />; // prettier-ignore
  return (
    <div class={`incidents${chosen === undefined ? '' : ' with-detail'}`}>
      <div class="incident-list">
        <div class="detail-bar quiet">
          <span>
            the newest {Math.min(limit, list.items.length)} of {formatCount(list.total)}
          </span>
          {isHeld && waiting > 0 && (
            <span>held under the pointer; {formatCount(waiting)} more came</span>
          )}
        </div>
        <ol
          class="rows"
          onPointerEnter={({ pointerType }) => setHeld(pointerType === 'mouse')}
          onPointerLeave={() => setHeld(false)}
        >
          {list.items.toReversed().map((item) =>
            item.kind === 'loss' ? (
              <li key={item.number} class="loss">
                {formatCount(item.count)} missing here: {visible(item.reason)}
              </li>
            ) : (
              <Row
                key={item.number}
                incident={item}
                types={types}
                isChosen={chosen?.number === item.number}
                onChoose={setChosen}
              />
            ),
          )}
        </ol>
      </div>
      {chosen !== undefined && (
        <IncidentDetail incident={chosen} types={types} onClose={() => setChosen(undefined)} />
      )}
    </div>
  );
}

interface RowProps {
  readonly incident: IncidentView;
  readonly types: readonly CatalogueEntry[];
  readonly isChosen: boolean;
  readonly onChoose: (incident: IncidentView) => void;
}

function Row({ incident, isChosen, onChoose, types }: RowProps) {
  const { event, threadName, timeMs } = incident;
  return (
    <li>
      <button
        type="button"
        class="incident"
        aria-pressed={isChosen}
        onClick={() => onChoose(incident)}
      >
        <span class="number quiet">{formatExactTime(timeMs)}</span>
        <span class="incident-thread" title={visible(threadName)}>
          {visible(threadName)}
        </span>
        {types.length !== 1 && <span class="mono incident-event">{visible(event)}</span>}
        <span class="mono incident-text">{summarize(incident, types)}</span>
      </button>
    </li>
  );
}
