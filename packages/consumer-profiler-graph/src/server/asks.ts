import { firstValueFrom } from 'rxjs';
import type { FlameGraph } from '../graph-types.ts';
import type { ProfilerGraph } from '../profiler-graph.ts';
import { toCpuProfile } from '../to-cpu-profile.ts';
import { toPprof } from '../to-pprof.ts';
import { toSpeedscope } from '../to-speedscope.ts';

import type { ControlDoor } from './doors.ts';
import type { Download, Downloads } from './downloads.ts';
import { watchError } from './errors.ts';
import type { ExportFormat } from './messages.ts';
import type { DoAsk, PageLink } from './page-link.ts';
import type { Sources } from './view-values.ts';

/** What pages may ask for; stops need the door that was given for them. */
export function answerAsks({ control, graph, scripts }: Sources, downloads: Downloads): DoAsk {
  const grant = (): ControlDoor => {
    if (control !== undefined) return control;
    throw watchError('EE_WATCH_CONTROL', 'This watcher may not stop threads.', 'Start it with extev watch --allow-control, or use extev debug PID.'); // prettier-ignore
  };
  return async (ask, page) => {
    switch (ask.do) {
      case 'attach':
        return graph.attach(ask.pid);
      case 'check-script':
        return scripts.check(ask.text);
      case 'run-script':
        if (ask.pids !== undefined) await checkPids(graph, ask.pids);
        return scripts.run(ask.text, ask.name, ask.pids);
      case 'stop-script':
        return scripts.stop(ask.script);
      case 'export':
        return downloads.add(exportFlames(page, ask.view, ask.format));
      case 'stop-next':
        return grant().stopNext(ask.source);
      case 'continue':
        return grant().continue(ask.pid, ask.tid);
      default:
        return ask satisfies never;
    }
  };
}

// A script that runs nowhere would wait for a process that may never come.
async function checkPids({ processes$ }: ProfilerGraph, pids: readonly number[]): Promise<void> {
  const processes = await firstValueFrom(processes$);
  const known = new Set(
    processes.filter(({ state }) => state === 'connected').map(({ pid }) => pid),
  );
  const unknown = pids.filter((pid) => !known.has(pid));
  if (pids.length === 0 || unknown.length > 0)
    throw watchError('EE_WATCH_PROCESS', pids.length === 0 ? 'The script is to run in no process.' : `Process ${unknown.join(', ')} is not in this session.`, 'Attach to it first, or leave the processes out: the script runs in all of them then.'); // prettier-ignore
}

function exportFlames(page: PageLink, id: number, format: ExportFormat): Download {
  const live = page.viewOf(id);
  const graph = live?.value as FlameGraph | undefined;
  if (live?.view.of !== 'flame' || graph === undefined || graph.root.total === 0)
    throw watchError('EE_WATCH_EXPORT', 'There is no stack in this flame graph yet.', 'Wait until it shows something.'); // prettier-ignore
  const name = live.view.source.pattern;
  const file = name.replaceAll(/[^\w.-]+/g, '-');
  switch (format) {
    case 'speedscope':
      return { name: `${file}.speedscope.json`, type: 'application/json', body: toSpeedscope(graph, name) }; // prettier-ignore
    case 'pprof':
      return {
        name: `${file}.pb.gz`,
        type: 'application/octet-stream',
        body: toPprof(graph, name),
      };
    case 'cpuprofile':
      return { name: `${file}.cpuprofile`, type: 'application/json', body: toCpuProfile(graph, name) }; // prettier-ignore
    default:
      return format satisfies never;
  }
}
