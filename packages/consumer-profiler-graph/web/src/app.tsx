import { useEffect } from 'preact/hooks';
import { CardList } from './cards/card-list.tsx';
import { link } from './link/the-link.ts';
import { isHelpOpen, notice, phoneTab, view } from './model/page-state.ts';
import { CataloguePanel } from './parts/catalogue-panel.tsx';
import { Help } from './parts/help.tsx';
import { listenToKeys } from './parts/keys.ts';
import { LinkBanner } from './parts/link-banner.tsx';
import { PhoneTabs } from './parts/phone-tabs.tsx';
import { SessionPanel } from './parts/session-panel.tsx';
import { TopBar } from './parts/top-bar.tsx';
import { ScriptsPanel } from './scripts/scripts-panel.tsx';

/** The page: session and events at the left, graphs in the middle, scripts at the right. */
export function App() {
  useEffect(() => listenToKeys(), []);
  const title = link.hello.value?.title;
  useEffect(() => {
    if (title !== undefined) document.title = title;
  }, [title]);
  const hasScripts = view.value.hasScripts === true;
  return (
    <div
      class={`app${hasScripts ? ' with-scripts' : ''}`}
      data-phone={phoneTab.value}
      data-link={link.status.value}
    >
      <TopBar />
      <LinkBanner />
      <div class="columns">
        <aside class="side" aria-label="Session">
          <SessionPanel />
          <CataloguePanel />
        </aside>
        <main class="main" aria-label="Graphs">
          <CardList />
        </main>
        <ScriptsPanel />
      </div>
      <PhoneTabs />
      {isHelpOpen.value && <Help />}
      <div class="notice" role="status" aria-live="polite">
        {notice.value !== undefined && <span>{notice.value}</span>}
      </div>
    </div>
  );
}
