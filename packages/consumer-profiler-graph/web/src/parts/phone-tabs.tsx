import { type PhoneTab, phoneTab } from '../model/page-state.ts';
import { Icon } from './bits.tsx';

const all: readonly {
  readonly tab: PhoneTab;
  readonly label: string;
  readonly icon: 'tree' | 'list' | 'chart' | 'script';
}[] = [
  { tab: 'session', label: 'Session', icon: 'tree' },
  { tab: 'events', label: 'Events', icon: 'list' },
  { tab: 'graphs', label: 'Graphs', icon: 'chart' },
  { tab: 'scripts', label: 'Scripts', icon: 'script' },
];

/** On a narrow screen one panel is shown at a time. */
export function PhoneTabs() {
  return (
    <nav class="phone-tabs" aria-label="Panels">
      {all.map(({ icon, label, tab }) => (
        <button
          key={tab}
          type="button"
          aria-current={phoneTab.value === tab ? 'page' : undefined}
          onClick={() => (phoneTab.value = tab)}
        >
          <Icon name={icon} />
          {label}
        </button>
      ))}
    </nav>
  );
}
