import { useState } from 'preact/hooks';
import type { CatalogueEntry } from '../../../src/graph-types.ts';
import { useView } from '../link/use-view.ts';
import { addCard, view } from '../model/page-state.ts';
import { Loading, Nothing } from './bits.tsx';
import { CatalogueRow } from './catalogue-row.tsx';

/** Nobody reads more of them; typing narrows them down. */
const mostRows = 300;

/** All event types of the session; Enter graphs what is typed, be there such a name or not. */
export function CataloguePanel() {
  const { value } = useView({ of: 'catalogue' });
  const [text, setText] = useState('');
  const wanted = text.trim();
  const found = (value ?? []).filter((entry) => fits(entry, wanted.toLowerCase()));
  const graphed = new Set(view.value.cards.map(({ source }) => source.pattern));
  const graph = (event: Event): void => {
    event.preventDefault();
    if (wanted === '') return;
    addCard({ pattern: wanted });
    setText('');
  };
  return (
    <section class="panel events" aria-labelledby="events-title">
      <header class="panel-head">
        <h2 id="events-title">Events</h2>
        {value !== undefined && (
          <span class="quiet">
            {found.length === value.length ? value.length : `${found.length} of ${value.length}`}
          </span>
        )}
      </header>
      <form class="filter" onSubmit={graph} role="search">
        <input
          id="event-filter"
          type="search"
          value={text}
          placeholder="Filter, or a name and Enter"
          aria-label="Filter event types; Enter graphs what is typed"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        {wanted !== '' && (
          <button type="submit" class="small">
            Graph
          </button>
        )}
      </form>
      <div class="panel-body">
        {value === undefined && <Loading what="Asking for event types" />}
        {value?.length === 0 && wanted === '' && (
          <Nothing title="No event types yet.">
            <p>Attach to a process above: its event types are listed here.</p>
          </Nothing>
        )}
        {wanted !== '' && found.length === 0 && value !== undefined && (
          <Nothing title={`Nothing has the name ${wanted} yet.`}>
            <p>Press Enter to graph it: it is heard as soon as somebody posts it.</p>
          </Nothing>
        )}
        <ul class="catalogue">
          {found.slice(0, mostRows).map((entry) => (
            <CatalogueRow key={entry.name} entry={entry} isGraphed={graphed.has(entry.name)} />
          ))}
        </ul>
        {found.length > mostRows && (
          <p class="quiet more">and {found.length - mostRows} more: type to narrow them down</p>
        )}
      </div>
    </section>
  );
}

// Of a pattern the part before its first star already narrows the list.
function fits({ description, name }: CatalogueEntry, wanted: string): boolean {
  if (wanted === '') return true;
  const [start = ''] = wanted.split(/[*?]/);
  return start === wanted ? name.includes(wanted) || description.toLowerCase().includes(wanted) : name.startsWith(start); // prettier-ignore
}
