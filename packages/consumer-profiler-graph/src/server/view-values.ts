import { map, type Observable, of, throwError } from 'rxjs';
import type { ProfilerGraph } from '../profiler-graph.ts';
import type { ControlDoor } from './doors.ts';
import type { View } from './messages.ts';
import { toIncidentsView } from './plain.ts';
import type { ScriptBoard } from './script-board.ts';

/** Where what is shown comes from. */
export interface Sources {
  readonly graph: ProfilerGraph;
  readonly scripts: ScriptBoard;
  readonly control: ControlDoor | undefined;
}

const topLimit = 50;

/** What a view shows, now and at each change. */
export function valuesOf(view: View, sources: Sources): Observable<unknown> {
  try {
    return choose(view, sources);
  } catch (error) {
    return throwError(() => error); // a pattern that cannot be, a predicate that does not parse
  }
}

function choose(view: View, { control, graph, scripts }: Sources): Observable<unknown> {
  switch (view.of) {
    case 'processes':
      return graph.processes$;
    case 'catalogue':
      return graph.catalogue$;
    case 'scripts':
      return scripts.scripts$;
    case 'held':
      return control?.held$ ?? of([]);
    case 'state':
      return graph.state(view.source);
    case 'series':
      return graph.series(view.source, view);
    case 'histogram':
      return graph.histogram(view.source, view);
    case 'top':
      return graph.topValues(view.source, { limit: topLimit, ...view });
    case 'heat':
      return graph.heatMap(view.source, view);
    case 'incidents':
      return graph.incidents(view.source, view).pipe(map(toIncidentsView));
    case 'flame':
      return graph.flameGraph(view.source, view);
    default:
      return view satisfies never;
  }
}
