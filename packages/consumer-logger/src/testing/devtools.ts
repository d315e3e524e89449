/**
 * The trace engine of Chrome DevTools, as the Performance panel uses it.
 *
 * @see ChromeDevTools/devtools-frontend, front_end/panels/timeline/TimelineLoader.ts
 */
import { TraceModel, type Types } from '@paulirish/trace_engine';
import type { TraceEvent } from './check-trace.ts';

/** A row of the panel. */
export interface ShownThread {
  readonly pid: number;
  readonly tid: number;
  readonly name: string | null;
  /** Those that have a place in the row, by the time they begin. */
  readonly events: readonly TraceEvent[];
}

/** Opens a file: it is parsed as a whole, and nothing of it is mended. */
export async function openInDevTools(text: string): Promise<ShownThread[]> {
  const model = TraceModel.Model.createWithAllHandlers();
  await model.parse(JSON.parse(text) as Types.Events.Event[]);
  const data = model.parsedTrace()?.data.Renderer;
  if (data === undefined) throw new Error('DevTools has read nothing');
  return [...data.processes].flatMap(([pid, process]) =>
    [...process.threads].map(([tid, { entries, name }]) => {
      const shown = entries.filter((entry) => data.entryToNode.has(entry));
      return { pid, tid, name, events: shown as readonly unknown[] as TraceEvent[] };
    }),
  );
}
