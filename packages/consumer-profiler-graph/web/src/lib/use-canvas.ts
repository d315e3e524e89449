import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { paint } from './theme.ts';

/** Where to draw, in pixels of the style sheet. */
export interface Surface {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
}

/**
 * A canvas that is as large as the style sheet makes it, and sharp. It is drawn again in the next
 * frame whenever what it shows, its size or the colours have changed.
 */
export function useCanvas(
  draw: (surface: Surface) => void,
  shown: readonly unknown[],
): RefObject<HTMLCanvasElement | null> {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawing = useRef(draw);
  drawing.current = draw;
  const again = useRef<() => void>(() => undefined);
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return undefined;
    let frame = 0;
    const run = (): void => {
      frame = 0;
      const surface = prepare(element);
      if (surface !== undefined) drawing.current(surface);
    };
    again.current = () => {
      if (frame === 0) frame = requestAnimationFrame(run);
    };
    const sizes = new ResizeObserver(() => again.current());
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      cancelAnimationFrame(frame);
      again.current = () => undefined;
    };
  }, []);
  useEffect(() => again.current(), [...shown, paint.value]);
  return canvas;
}

function prepare(element: HTMLCanvasElement): Surface | undefined {
  const { clientHeight: height, clientWidth: width } = element;
  const context = element.getContext('2d');
  if (context === null || width === 0 || height === 0) return undefined;
  const ratio = devicePixelRatio;
  const [inner, outer] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (element.width !== inner) element.width = inner;
  if (element.height !== outer) element.height = outer;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}
