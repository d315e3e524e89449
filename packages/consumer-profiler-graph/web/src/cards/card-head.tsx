import { useRef, useState } from 'preact/hooks';
import type { CatalogueEntry, SourceSpec, SourceState } from '../../../src/graph-types.ts';
import type { PlainError } from '../../../src/server/errors.ts';
import { link } from '../link/the-link.ts';
import { useView } from '../link/use-view.ts';
import { formatCount, formatShort, formatTime } from '../lib/format.ts';
import { visible } from '../lib/plain-value.ts';
import { changeCard, removeCard, tell, view } from '../model/page-state.ts';
import { type Card, type Lines, sourceKey } from '../model/page-view.ts';
import { Choice, Fault, Icon } from '../parts/bits.tsx';
import { endOf } from './ended-parts.ts';
import { FilterForm } from './filter-form.tsx';
import { RequestForm } from './request-form.tsx';

interface Props {
  readonly card: Card;
  readonly index: number;
  readonly types: readonly CatalogueEntry[];
}

/** The name, the numbers, and what can be changed of a source. */
export function CardHead({ card, index, types }: Props) {
  const [form, setForm] = useState<'where' | 'request' | undefined>(undefined);
  const [fault, setFault] = useState<PlainError | undefined>(undefined);
  const { by, source } = card;
  const parameters = types.length === 1 ? (types[0]?.request ?? []) : [];
  const toggle = (which: 'where' | 'request'): void => setForm(form === which ? undefined : which);
  const stopNext = (): void => {
    setFault(undefined);
    link
      .ask({ do: 'stop-next', source })
      .then(() => tell(`The thread that posts the next ${source.pattern} is stopped.`))
      .catch((error: PlainError) => setFault(error));
  };
  return (
    <>
      <header class="card-head">
        <h2 title={visible(source.pattern)}>{visible(source.pattern)}</h2>
        <Chips card={card} index={index} onWhere={() => setForm('where')} />
        <Numbers source={source} />
        <Choice
          label="Lines"
          value={by}
          options={choices(source.pattern)}
          onChange={(value) => changeCard(index, { by: value })}
        />
        <span class="card-tools">
          <Tool
            icon="filter"
            label="Filter"
            isOpen={form === 'where'}
            onClick={() => toggle('where')}
          />{' '}
          {parameters.length > 0 && (
            <Tool icon="gear" label="Parameters" isOpen={form === 'request'} onClick={() => toggle('request')} /> /* prettier-ignore */
          )}
          {link.hello.value?.hasControl === true && (
            <button
              type="button"
              class="plain stop"
              aria-label="Stop at the next incident"
              title="Stop the thread that posts the next incident"
              onClick={stopNext}
            >
              <Icon name="stop" />
            </button>
          )}
          <button
            type="button"
            class="plain"
            aria-label={`Close ${source.pattern}`}
            title="Close"
            onClick={() => removeCard(index)}
          >
            <Icon name="close" />
          </button>
        </span>
      </header>
      {form === 'where' && (
        <FilterForm card={card} index={index} types={types} onDone={() => setForm(undefined)} />
      )}
      {form === 'request' && (
        <RequestForm
          card={card}
          index={index}
          parameters={parameters}
          onDone={() => setForm(undefined)}
        />
      )}
      {fault !== undefined && <Fault error={fault} />}
    </>
  );
}

// While the page is paused they stand with the chart. They are still watched: with nobody left who
// does, the server would forget the source.
function useNumbers(source: SourceSpec): SourceState | undefined {
  const { value } = useView({ of: 'state', source });
  const key = sourceKey(source);
  const kept = useRef<{ readonly key: string; readonly value: SourceState } | undefined>(undefined);
  const isPaused = view.value.pausedMs !== undefined;
  if (!(isPaused && kept.current?.key === key))
    kept.current = value === undefined ? undefined : { key, value };
  return kept.current?.value;
}

function choices(pattern: string): { value: Lines; label: string; name: string }[] {
  const all: { value: Lines; label: string; name: string }[] = [
    { value: 'sum', label: 'sum', name: 'One line for all' },
    { value: 'thread', label: 'threads', name: 'A line for each thread' },
    { value: 'event', label: 'events', name: 'A line for each event type' },
  ];
  return /[*?]/.test(pattern) ? all : all.slice(0, 2);
}

function Tool({
  icon,
  isOpen,
  label,
  onClick,
}: {
  readonly icon: 'filter' | 'gear';
  readonly label: string;
  readonly isOpen: boolean;
  readonly onClick: () => void;
}) {
  return (
    <button
      type="button"
      class="plain"
      aria-label={label}
      title={label}
      aria-expanded={isOpen}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}

function Chips({
  card,
  index,
  onWhere,
}: {
  readonly card: Card;
  readonly index: number;
  readonly onWhere: () => void;
}) {
  const { pid, request = {}, thread, where } = card.source;
  const without = (key: 'where' | 'request' | 'pid'): void => {
    const { [key]: _gone, ...source } = card.source;
    changeCard(index, { source });
  };
  const chips = [
    where === undefined ? undefined : { key: 'where' as const, text: where },
    pid === undefined ? undefined : { key: 'pid' as const, text: `process ${pid}${thread === undefined ? '' : `, thread ${thread}`}` }, // prettier-ignore
    ...(Object.keys(request).length === 0 ? [] : [{ key: 'request' as const, text: Object.entries(request).map((pair) => pair.join('=')).join(' ') }]), // prettier-ignore
  ].filter((chip) => chip !== undefined);
  return (
    <>
      {chips.map(({ key, text }) => (
        <span key={key} class="chip" title={visible(text)}>
          <button type="button" class="plain chip-text" onClick={onWhere}>
            {visible(text)}
          </button>
          <button
            type="button"
            class="plain"
            aria-label={`Without ${key}`}
            onClick={() => without(key)}
          >
            <Icon name="close" />
          </button>
        </span>
      ))}
    </>
  );
}

/** Counts are of all incidents since the source is heard, whatever the chart shows. */
function Numbers({ source }: { readonly source: SourceSpec }) {
  const state = useNumbers(source);
  if (state === undefined) return <span class="numbers" />;
  const { perSecond, sinceMs, summary } = state;
  const endedMs = endOf(state);
  return (
    <span class="numbers">
      <span title={`Since ${formatTime(sinceMs)}, when it was first heard here`}>
        <b class="number" data-number="total">
          {formatCount(summary.matched)}
        </b>{' '}
        total
      </span>
      {endedMs === undefined ? (
        <span title="Over the last seconds" class="rate">
          <b class="number">{formatShort(perSecond)}</b>/s
        </span>
      ) : (
        <span title="No process in which it was heard is left">
          ended{endedMs === 0 ? '' : ` ${formatTime(endedMs)}`}
        </span>
      )}
      {summary.lost + summary.throttled > 0 && (
        <span
          class="bad"
          title="Counted, but what they carried could not be kept: lost for want of room, throttled by a limit"
        >
          <b class="number">{formatCount(summary.lost + summary.throttled)}</b> lost
        </span>
      )}
    </span>
  );
}
