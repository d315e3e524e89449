import { useRef, useState } from 'preact/hooks';
import type { CatalogueEntry, SourceSpec } from '../../../src/graph-types.ts';
import type { IncidentsView, IncidentView } from '../../../src/server/messages.ts';
import { useView } from '../link/use-view.ts';
import { formatCount, formatExactTime } from '../lib/format.ts';
import { visible } from '../lib/plain-value.ts';
import { useRows } from '../lib/use-rows.ts';
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
  const { error, value } = useView({
    of: 'incidents',
    source,
    limit,
    stack: frames,
    ...(range === undefined ? {} : { range }),
  });
  const [chosen, setChosen] = useState<IncidentView | undefined>(undefined);
  if (error !== undefined) return <Fault error={error} />;
  if (value === undefined)
    return <Loading what="Waiting for incidents; stacks are captured from now on" />;
  if (value.items.length === 0)
    return <Nothing title={range === undefined ? 'No incident yet.' : 'No incident that is still kept in this time.'} />; // prettier-ignore
  return (
    <div class={`incidents${chosen === undefined ? '' : ' with-detail'}`}>
      <Rows view={value} types={types} chosen={chosen?.number} onChoose={setChosen} />
      {chosen !== undefined && (
        <IncidentDetail incident={chosen} types={types} onClose={() => setChosen(undefined)} />
      )}
    </div>
  );
}

interface RowsProps {
  readonly view: IncidentsView;
  readonly types: readonly CatalogueEntry[];
  readonly chosen: number | undefined;
  readonly onChoose: (incident: IncidentView) => void;
}

function Rows({ chosen, onChoose, types, view }: RowsProps) {
  const [isPointed, setPointed] = useState(false);
  const held = useRef<IncidentsView>(view);
  const rows = useRows(held.current.items.length);
  const isHeld = isPointed || !rows.isAtTop;
  if (!isHeld) held.current = view;
  const { items, total } = held.current;
  const kept = items.filter(({ kind }) => kind === 'event').length;
  const { box, end, first, onScroll, rowHeight } = rows;
  const shown = items.slice(items.length - end, items.length - first).toReversed();
  return (
    <div class="incident-list">
      <div class="detail-bar quiet">
        <span>
          the newest {formatCount(kept)} of {formatCount(total)}
        </span>
        {isHeld && view.total > total && (
          <span>held while you look; {formatCount(view.total - total)} more came</span>
        )}
      </div>
      <div
        class="rows"
        ref={box}
        onScroll={onScroll}
        onPointerEnter={({ pointerType }) => setPointed(pointerType === 'mouse')}
        onPointerLeave={() => setPointed(false)}
      >
        <ol
          style={{ height: `${items.length * rowHeight}px`, paddingTop: `${first * rowHeight}px` }}
        >
          {shown.map((item) =>
            item.kind === 'loss' ? (
              <li key={item.number} class="loss">
                {formatCount(item.count)} missing here: {visible(item.reason)}
              </li>
            ) : (
              <Row
                key={item.number}
                incident={item}
                types={types}
                isChosen={chosen === item.number}
                onChoose={onChoose}
              />
            ),
          )}
        </ol>
      </div>
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
