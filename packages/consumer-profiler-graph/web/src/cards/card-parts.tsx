import type { SourcePart, SourceSpec } from '../../../src/graph-types.ts';
import { useView } from '../link/use-view.ts';
import { visible } from '../lib/plain-value.ts';
import { Fault } from '../parts/bits.tsx';
import { describeEnds } from './ended-parts.ts';

interface Props {
  readonly source: SourceSpec;
  /** Is there an event type of that name? */
  readonly isKnown: boolean;
}

/** What became of the source where it is not simply heard: it waits, or somebody refuses it. */
export function CardParts({ isKnown, source }: Props) {
  const { value: state } = useView({ of: 'state', source });
  if (state === undefined) return null;
  const { parts, summary } = state;
  const refused = groupByReason(parts);
  const ends = describeEnds(parts);
  const opening = parts.filter((part) => part.state === 'opening').length;
  const pending = parts.reduce((sum, part) => sum + part.pending, 0);
  const isWaiting = !isKnown && summary.matched === 0 && refused.length === 0;
  return (
    <>
      {parts.length === 0 && (
        <p class="card-note">No process is attached: attach to one at the left.</p>
      )}
      {parts.length > 0 && isWaiting && (
        <p class="card-note">
          Nothing has the name <code>{visible(source.pattern)}</code> yet: this waits for it, and
          graphs it from its first incident on.
        </p>
      )}
      {ends !== undefined && <p class="card-note ended">{ends}.</p>}
      {opening > 0 && (
        <p class="card-note">
          Listening begins in {opening === 1 ? 'one process' : `${opening} processes`}…
        </p>
      )}
      {pending > 0 && (
        <p class="card-note">
          {pending === 1 ? 'One thread is' : `${pending} threads are`} inside a blocking call and
          will be heard after it.
        </p>
      )}
      {refused.map(({ error, names }) => (
        <div key={error.message} class="card-note refused">
          <p>Not heard in {names}:</p>
          <Fault error={error} />
        </div>
      ))}
    </>
  );
}

// Ten processes that refuse for the same reason say so once.
function groupByReason(
  parts: readonly SourcePart[],
): { error: NonNullable<SourcePart['error']>; names: string }[] {
  const groups = new Map<string, { error: NonNullable<SourcePart['error']>; names: string[] }>();
  for (const { error, pid, processName } of parts) {
    if (error === undefined) continue;
    const key = error.code;
    const group = groups.get(key) ?? { error, names: [] };
    group.names.push(`${visible(processName)} (${pid})`);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ error, names }) => ({ error, names: names.join(', ') }));
}
