import type { FilterWriter } from './push-down.ts';

const scheme = 'tracepoint:';

/** Filters for kernel tracepoints; none where their formats cannot be read. */
export class KernelFilters {
  #opened: Promise<FilterWriter> | undefined;

  /** Reads the kernel's formats when the first name of theirs is asked about. */
  async writerFor(event: string): Promise<FilterWriter> {
    if (!event.startsWith(scheme)) return () => '';
    this.#opened ??= open().catch((): FilterWriter => () => '');
    return this.#opened;
  }
}

async function open(): Promise<FilterWriter> {
  const { openTracepoints, splitKernelFilter } =
    await import('@extension-events/platform-linux/tracefs');
  const tracepoints = await openTracepoints();
  return (event, conjuncts) => {
    const found = tracepoints.tryGet(event.slice(scheme.length));
    return found === undefined ? '' : splitKernelFilter(found.format, conjuncts).filter;
  };
}
