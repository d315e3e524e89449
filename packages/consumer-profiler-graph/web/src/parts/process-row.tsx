import { useState } from 'preact/hooks';
import type { ProcessNode, ThreadNode } from '../../../src/graph-types.ts';
import type { PlainError } from '../../../src/server/errors.ts';
import { link } from '../link/the-link.ts';
import { useView } from '../link/use-view.ts';
import { formatShare } from '../lib/format.ts';
import { visible } from '../lib/plain-value.ts';
import { Bar, Fault } from './bits.tsx';
import { foldThreads } from './fold-threads.ts';

/** One process: what it runs, how busy it is, and a button for one that is not heard yet. */
export function ProcessRow({ process }: { readonly process: ProcessNode }) {
  const [fault, setFault] = useState<PlainError | undefined>(undefined);
  const [isAsking, setAsking] = useState(false);
  const { cpuShare, error, name, pid, runtime, state, threads } = process;
  const canAttach = state === 'attachable' || state === 'native' || state === 'refused';
  const attach = async (): Promise<void> => {
    setAsking(true);
    setFault(undefined);
    await link.ask({ do: 'attach', pid }).catch((reason: PlainError) => setFault(reason));
    setAsking(false);
  };
  const { folded, own } = foldThreads(threads);
  const why = state === 'connected' ? undefined : (fault ?? error);
  return (
    <li class={`process ${state}`}>
      <div class="process-line">
        <span class="dot" title={stateWords[state]} />
        <span class="process-name" title={visible(name)}>
          {visible(name)}
        </span>
        <span class="quiet number">{pid}</span>
        {canAttach && (
          <button
            type="button"
            class="small"
            disabled={isAsking}
            aria-label={`Attach to ${name}, process ${pid}`}
            title={state === 'native' ? 'Opens a host beside it; nothing enters it' : 'Brings the agent into it; Node prints a line about its inspector'} // prettier-ignore
            onClick={() => void attach()}
          >
            {isAsking ? 'Attaching…' : state === 'refused' ? 'Try again' : 'Attach'}
          </button>
        )}
        {state === 'connecting' && <span class="quiet">connecting…</span>}
        {state === 'connected' && <Cpu share={cpuShare} />}
      </div>
      <div class="quiet process-about">
        {runtime}
        {state === 'connected' && process.sides.host ? ' · with a host' : ''}
      </div>
      {why !== undefined && <Fault error={why} />}
      {state === 'connected' && (
        <ul class="threads">
          {own.map((thread) => (
            <ThreadRow key={thread.tid} pid={pid} thread={thread} />
          ))}
          {folded.length > 0 && (
            <li class="thread">
              <details>
                <summary class="quiet">{folded.length} native threads</summary>
                <ul>
                  {folded.map((thread) => (
                    <ThreadRow key={thread.tid} pid={pid} thread={thread} />
                  ))}
                </ul>
              </details>
            </li>
          )}
        </ul>
      )}
    </li>
  );
}

const stateWords: Readonly<Record<ProcessNode['state'], string>> = {
  connected: 'its events are heard',
  connecting: 'being connected',
  attachable: 'Node.js, not attached',
  native: 'not Node.js: the kernel tells of it',
  refused: 'could not be attached',
};

function ThreadRow({ pid, thread }: { readonly pid: number; readonly thread: ThreadNode }) {
  const { cpuShare, heldBy, name, state, tid } = thread;
  return (
    <li class={`thread ${state}`}>
      <div class="process-line">
        <span class="process-name" title={`${visible(name)}, tid ${tid}`}>
          {visible(name)}
        </span>
        <span class="quiet number">{tid}</span>
        {state === 'ended' ? <span class="quiet">ended</span> : <Cpu share={cpuShare} />}
      </div>
      {state === 'held' && (
        <div class="stop-note">
          stopped at <b>{visible(heldBy?.event ?? 'a breakpoint')}</b>
          {heldBy !== undefined && ` by ${visible(heldBy.holders.join(', '))}`}
          <Release pid={pid} tid={tid} />
        </div>
      )}
    </li>
  );
}

/** For a thread that this watcher stopped. */
function Release({ pid, tid }: { readonly pid: number; readonly tid: number }) {
  const hasControl = link.hello.value?.hasControl === true;
  const { value = [] } = useView(hasControl ? { of: 'held' } : undefined);
  const [fault, setFault] = useState<PlainError | undefined>(undefined);
  const held = value.find((one) => one.pid === pid && one.tid === tid);
  if (held === undefined) return null;
  const release = (): void => {
    link.ask({ do: 'continue', pid, tid }).catch((error: PlainError) => setFault(error));
  };
  return (
    <>
      {held.stack[0] !== undefined && <code class="held-at">{visible(held.stack[0])}</code>}
      <button type="button" class="small" onClick={release}>
        Continue
      </button>
      {fault !== undefined && <Fault error={fault} />}
    </>
  );
}

/** How much of one processor it uses; several threads may use more than one. */
function Cpu({ share }: { readonly share: number | undefined }) {
  if (share === undefined) return null;
  return (
    <span class="cpu" title={`${formatShare(share)} of one processor`}>
      <Bar share={share} label="Share of one processor" />
      <span class="number">{formatShare(share)}</span>
    </span>
  );
}
