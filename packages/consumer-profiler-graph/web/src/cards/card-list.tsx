import { Nothing } from '../parts/bits.tsx';
import { focusFilter } from '../parts/keys.ts';
import { view } from '../model/page-state.ts';
import { sourceKey } from '../model/page-view.ts';
import { CardView } from './card-view.tsx';
import { Timeline } from './timeline.tsx';

/** What is graphed, one below the other. */
export function CardList() {
  const { cards, hasTimeline } = view.value;
  return (
    <>
      {hasTimeline === true && <Timeline cards={cards} />}
      {cards.map((card, index) => (
        <CardView key={sourceKey(card.source)} card={card} index={index} />
      ))}
      {cards.length === 0 && <Start />}
    </>
  );
}

function Start() {
  return (
    <div class="start">
      <Nothing title="Pick an event to graph its incidents.">
        <p>
          Click any name under <b>Events</b>, or press <kbd>/</kbd> and type a name or a pattern
          such as <code>net.*</code>, also one that does not exist yet.
        </p>
        <p>
          <button type="button" class="primary" onClick={focusFilter}>
            Choose an event
          </button>
        </p>
      </Nothing>
    </div>
  );
}
