import { link } from '../link/the-link.ts';
import { Fault } from './bits.tsx';

/** Says when there is no connection, and what was not taken. */
export function LinkBanner() {
  if (link.status.value === 'lost')
    return (
      <div class="banner bad" role="alert">
        <b>Disconnected from the watcher.</b> This page connects again by itself. If it was ended,
        start <code>extev watch</code> and open the address that it prints.
      </div>
    );
  const refused = link.refused.value;
  if (refused === undefined) return null;
  return (
    <div class="banner">
      <Fault error={refused} />
      <button type="button" class="small" onClick={() => (link.refused.value = undefined)}>
        Dismiss
      </button>
    </div>
  );
}
