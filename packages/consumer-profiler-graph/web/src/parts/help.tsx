import { useEffect, useRef } from 'preact/hooks';
import { link } from '../link/the-link.ts';
import { isHelpOpen } from '../model/page-state.ts';
import { Icon } from './bits.tsx';
import { shortcuts } from './keys.ts';

const close = (): void => {
  isHelpOpen.value = false;
};

/** Keys, and what may be unexpected. */
export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const hasControl = link.hello.value?.hasControl === true;
  return (
    <dialog class="help" ref={dialog} aria-labelledby="help-title" onClose={close}>
      <header>
        <h2 id="help-title">Help</h2>
        <button type="button" class="plain" aria-label="Close the help" onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      <div class="help-columns">
        <section>
          <h3>Keys</h3>
          <dl class="keys">
            {shortcuts.map(({ does, keys }) => (
              <div key={does}>
                <dt>
                  {keys.length > 2 ? (
                    <>
                      <kbd>{keys[0]}</kbd>–<kbd>{keys.at(-1)}</kbd>
                    </>
                  ) : (
                    keys.map((name) => <kbd key={name}>{name}</kbd>)
                  )}
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
            <div>
              <dt>
                <kbd>←↑→↓</kbd> <kbd>Enter</kbd>
              </dt>
              <dd>in a flame graph: move between frames, zoom</dd>
            </div>
          </dl>
        </section>
        <section>
          <h3>How it works</h3>
          <ul>
            <li>
              Click an event type to graph it. Type a name or a pattern (<code>net.*</code>) and
              press Enter for one that does not exist yet: it is graphed as soon as it is posted.
            </li>
            <li>Drag over a chart: histograms, top values and flame graphs show that time.</li>
            <li>Stacks of posters are captured only while a list of incidents is open.</li>
            <li>The address holds the view: reload it, or open it a second time.</li>
            <li>
              Hollow marks are requested types: their source runs, and costs, only while they are
              graphed.
            </li>
            <li>
              {hasControl
                ? 'This watcher may stop threads: the octagon on a card stops the thread that posts the next incident.'
                : 'This watcher stops no threads and evaluates nothing in them. Start extev watch --allow-control for “stop at the next incident”, or use extev debug PID.'}
            </li>
          </ul>
        </section>
      </div>
    </dialog>
  );
}
