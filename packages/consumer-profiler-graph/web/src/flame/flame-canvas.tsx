import { useMemo, useState } from 'preact/hooks';
import type { FlameGraph } from '../../../src/graph-types.ts';
import { formatQuantity, formatShare } from '../lib/format.ts';
import { visible } from '../lib/plain-value.ts';
import { useCanvas } from '../lib/use-canvas.ts';
import { boxAt, drawFlames, rowHeight } from './draw-flames.ts';
import { type Box, layOut } from './layout.ts';
import { type Direction, moveFocus } from './move-focus.ts';

interface Props {
  readonly graph: FlameGraph;
  readonly wanted: string;
  readonly isIcicle: boolean;
  readonly isLeftHeavy: boolean;
}

/** Thinner boxes than half a pixel of the widest screen are not to be seen. */
const leastWidth = 1 / 4000;

/** Boxes as wide as the weight of their frames. A click zooms, arrow keys move. */
export function FlameCanvas({ graph, isIcicle, isLeftHeavy, wanted }: Props) {
  const [zoom, setZoom] = useState<string | undefined>(undefined);
  const [focused, setFocused] = useState<string | undefined>(undefined);
  const [hovered, setHovered] = useState<string | undefined>(undefined);
  const layout = useMemo(
    () => layOut(graph.root, { isLeftHeavy, leastWidth, ...(zoom === undefined ? {} : { zoom }) }),
    [graph, isLeftHeavy, zoom],
  );
  const look = { layout, isIcicle, wanted, focused, hovered };
  const canvas = useCanvas((surface) => drawFlames(surface, look), [layout, isIcicle, wanted, focused, hovered]); // prettier-ignore
  const zoomTo = (box: Box | undefined): void => {
    setZoom(box === undefined || box.depth === 0 ? undefined : box.key);
    setFocused(box?.key);
  };
  const under = ({
    currentTarget,
    offsetX,
    offsetY,
  }: PointerEvent & { readonly currentTarget: HTMLCanvasElement }): Box | undefined =>
    boxAt(look, offsetX / currentTarget.clientWidth, offsetY, currentTarget.clientHeight);
  const press = (event: KeyboardEvent): void => {
    const direction = directionOf(event.key, isIcicle);
    if (direction !== undefined) setFocused(moveFocus(layout, focused, direction)?.key);
    else if (event.key === 'Enter') zoomTo(layout.boxes.find(({ key }) => key === focused));
    else if (event.key === 'Escape' && zoom !== undefined) zoomTo(undefined);
    else return;
    event.preventDefault();
  };
  const shown = layout.boxes.find(({ key }) => key === (hovered ?? focused)) ?? layout.zoomed;
  const height = Math.max(6, layout.depth) * rowHeight;
  return (
    <>
      <p class="flame-words" aria-live="polite">
        <b class="mono">{visible(shown.node.name)}</b>
        {shown.node.location !== undefined && (
          <span class="mono quiet">{visible(shown.node.location)}</span>
        )}
        <span class="number">
          {formatQuantity(shown.node.total, graph.unit)},{' '}
          {formatShare(shown.node.total / Math.max(1, graph.root.total))}
          {shown.node.self > 0 && shown.depth > 0
            ? `; itself ${formatShare(shown.node.self / graph.root.total)}`
            : ''}
        </span>
        {zoom !== undefined && (
          <button type="button" class="small" onClick={() => zoomTo(undefined)}>
            Whole graph
          </button>
        )}
      </p>
      <div class={`scroll flame-scroll${isIcicle ? '' : ' from-below'}`}>
        <canvas
          ref={canvas}
          class="flames"
          // The only size that follows from data.
          height={height}
          style={{ height: `${height}px` }}
          tabIndex={0}
          role="application"
          aria-label={`Flame graph; arrow keys move, Enter zooms, Escape leaves. At ${shown.node.name}, ${formatShare(shown.node.total / Math.max(1, graph.root.total))}`}
          onPointerMove={(event) => setHovered(under(event)?.key)}
          onPointerLeave={() => setHovered(undefined)}
          onClick={(event) =>
            zoomTo(
              under(
                event as unknown as PointerEvent & { readonly currentTarget: HTMLCanvasElement },
              ),
            )
          }
          onKeyDown={press}
        />
      </div>
    </>
  );
}

function directionOf(key: string, isIcicle: boolean): Direction | undefined {
  switch (key) {
    case 'ArrowLeft':
      return 'left';
    case 'ArrowRight':
      return 'right';
    case 'ArrowUp':
      return isIcicle ? 'out' : 'in';
    case 'ArrowDown':
      return isIcicle ? 'in' : 'out';
    default:
      return undefined;
  }
}
