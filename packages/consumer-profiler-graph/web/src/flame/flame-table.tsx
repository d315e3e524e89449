import { useMemo } from 'preact/hooks';
import type { FlameGraph } from '../../../src/graph-types.ts';
import { formatQuantity, formatShare } from '../lib/format.ts';
import { visible } from '../lib/plain-value.ts';
import { fits, toTable } from './layout.ts';

const mostRows = 100;

/** The same in words and numbers. */
export function FlameTable({
  graph,
  wanted,
}: {
  readonly graph: FlameGraph;
  readonly wanted: string;
}) {
  const rows = useMemo(() => toTable(graph.root), [graph]);
  const shown = wanted === '' ? rows : rows.filter(({ location, name }) => fits({ name, total: 0, self: 0, children: [], ...(location === undefined ? {} : { location }) }, wanted)); // prettier-ignore
  const whole = Math.max(1, graph.root.total);
  return (
    <div class="scroll">
      <table class="top-values flame-table">
        <thead>
          <tr>
            <th scope="col">Function</th>
            <th scope="col">Place</th>
            <th scope="col">Self</th>
            <th scope="col">%</th>
            <th scope="col">Total</th>
            <th scope="col">%</th>
          </tr>
        </thead>
        <tbody>
          {shown.slice(0, mostRows).map(({ location = '', name, self, total }) => (
            <tr key={`${name} ${location}`}>
              <td class="value mono" title={visible(name)}>
                {visible(name)}
              </td>
              <td class="value mono quiet" title={visible(location)}>
                {visible(location)}
              </td>
              <td class="number">
                {formatQuantity(self, graph.unit.startsWith('{') ? '' : graph.unit)}
              </td>
              <td class="number">{formatShare(self / whole)}</td>
              <td class="number">
                {formatQuantity(total, graph.unit.startsWith('{') ? '' : graph.unit)}
              </td>
              <td class="number">{formatShare(total / whole)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
