import { useState } from 'preact/hooks';
import type { CatalogueEntry, FlameGraph, SourceSpec } from '../../../src/graph-types.ts';
import { useView } from '../link/use-view.ts';
import { formatCount, formatShare, formatTime } from '../lib/format.ts';
import { detailRange } from '../model/page-state.ts';
import { Choice, Fault, Loading, Nothing } from '../parts/bits.tsx';
import { ExportMenu } from './export-menu.tsx';
import { FlameCanvas } from './flame-canvas.tsx';
import { FlameTable } from './flame-table.tsx';
import { matchShare } from './layout.ts';

type Shape = 'icicle' | 'flame' | 'table';
type Order = 'time' | 'heavy';

interface Props {
  readonly source: SourceSpec;
  readonly types: readonly CatalogueEntry[];
}

/** Where incidents come from, live. */
export function Flames({ source }: Props) {
  const range = detailRange.value;
  const { error, id, value } = useView({ of: 'flame', source, ...(range === undefined ? {} : { range }) }); // prettier-ignore
  const [shape, setShape] = useState<Shape>('icicle');
  const [order, setOrder] = useState<Order>('heavy');
  const [wanted, setWanted] = useState('');
  if (error !== undefined) return <Fault error={error} />;
  if (value === undefined) return <Loading what="Gathering stacks" />;
  if (value.root.total === 0) return <NoStacks graph={value} />;
  return (
    <>
      <div class="detail-bar">
        <input
          type="search"
          class="flame-search"
          value={wanted}
          placeholder="Search frames"
          aria-label="Search frames"
          spellcheck={false}
          onInput={(event) => setWanted(event.currentTarget.value)}
        />
        {wanted !== '' && <b class="found">{formatShare(matchShare(value.root, wanted))} found</b>}
        <Choice label="Shape" value={shape} onChange={setShape} options={shapes} />
        {shape !== 'table' && (
          <Choice label="Order" value={order} onChange={setOrder} options={orders} />
        )}
        <ExportMenu id={id} />
        <span class="quiet">
          {formatCount(value.stacks)} stacks
          {range === undefined ? ` since ${formatTime(value.sinceMs)}` : ''}
          {value.withoutStack > 0 ? `, ${formatCount(value.withoutStack)} incidents without` : ''}
        </span>
      </div>
      {shape === 'table' ? (
        <FlameTable graph={value} wanted={wanted} />
      ) : (
        <FlameCanvas
          graph={value}
          wanted={wanted}
          isIcicle={shape === 'icicle'}
          isLeftHeavy={order === 'heavy'}
        />
      )}
    </>
  );
}

const shapes: readonly { value: Shape; label: string; name: string }[] = [
  { value: 'icicle', label: 'icicle', name: 'Callers above what they call' },
  { value: 'flame', label: 'flame', name: 'Callers below what they call' },
  { value: 'table', label: 'table', name: 'Functions by their weight' },
];

const orders: readonly { value: Order; label: string; name: string }[] = [
  { value: 'heavy', label: 'left-heavy', name: 'The widest frame first' },
  { value: 'time', label: 'as seen', name: 'In the order in which they were first seen' },
];

function NoStacks({ graph }: { readonly graph: FlameGraph }) {
  return (
    <Nothing title="No stack yet.">
      <p>
        {graph.withoutStack > 0
          ? `${formatCount(graph.withoutStack)} incidents came without one: their stacks are captured from now on.`
          : 'The graph grows with the incidents that come from now on.'}
      </p>
    </Nothing>
  );
}
