import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** Which rows of a long list are to be seen. */
export interface VisibleRows {
  readonly box: RefObject<HTMLDivElement | null>;
  readonly first: number;
  readonly end: number;
  readonly rowHeight: number;
  readonly isAtTop: boolean;
  readonly onScroll: () => void;
}

/** Rows above and below what is seen: a quick scroll finds them there. */
const spare = 6;

/** Only the rows that are seen are drawn; all have the height that the style sheet gives as `--row`. */
export function useRows(count: number): VisibleRows {
  const box = useRef<HTMLDivElement>(null);
  const [look, setLook] = useState({ top: 0, height: 400, rowHeight: 26 });
  const read = (): void => {
    const element = box.current;
    if (element === null) return;
    const rowHeight = Number.parseFloat(getComputedStyle(element).getPropertyValue('--row')) || 26;
    setLook({ top: element.scrollTop, height: element.clientHeight, rowHeight });
  };
  useEffect(() => {
    const sizes = new ResizeObserver(read);
    if (box.current !== null) sizes.observe(box.current);
    return () => sizes.disconnect();
  }, []);
  const { height, rowHeight, top } = look;
  const first = Math.min(count, Math.max(0, Math.floor(top / rowHeight) - spare));
  const end = Math.min(count, Math.ceil((top + height) / rowHeight) + spare);
  return { box, first, end, rowHeight, isAtTop: top < rowHeight, onScroll: read };
}
