import type { ProcessNode } from '../../../src/graph-types.ts';
import { useView } from '../link/use-view.ts';
import { link } from '../link/the-link.ts';
import { Loading, Nothing } from './bits.tsx';
import { ProcessRow } from './process-row.tsx';

/** The processes and their threads; those that are heard first. */
export function SessionPanel() {
  const { error, value } = useView({ of: 'processes' });
  const own = link.hello.value?.pid;
  const processes = (value ?? []).filter(({ pid }) => pid !== own).toSorted(byState);
  const heard = processes.filter(({ state }) => state === 'connected').length;
  return (
    <section class="panel session" aria-labelledby="session-title">
      <header class="panel-head">
        <h2 id="session-title">Session</h2>
        {value !== undefined && (
          <span class="quiet">
            {heard} of {processes.length} heard
          </span>
        )}
      </header>
      <div class="panel-body">
        {value === undefined && error === undefined && <Loading what="Looking for processes" />}
        {value !== undefined && processes.length === 0 && (
          <Nothing title="No Node.js process of yours is running.">
            <p>Start one, or let the watcher start it:</p>
            <code class="command">extev watch -- node app.js</code>
            <p>
              Processes of other users are seen by root only; <code>--all</code> shows programs that
              are not Node.js too.
            </p>
          </Nothing>
        )}
        <ul class="processes">
          {processes.map((process) => (
            <ProcessRow key={process.pid} process={process} />
          ))}
        </ul>
      </div>
    </section>
  );
}

const order: Readonly<Record<ProcessNode['state'], number>> = { connected: 0, connecting: 1, refused: 2, attachable: 3, native: 4 }; // prettier-ignore

function byState(a: ProcessNode, b: ProcessNode): number {
  return order[a.state] - order[b.state] || a.pid - b.pid;
}
