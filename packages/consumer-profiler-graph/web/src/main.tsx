import { effect } from '@preact/signals';
import { render } from 'preact';
import { App } from './app.tsx';
import { readHash, writeHash } from './model/hash.ts';
import { view } from './model/page-state.ts';

view.value = readHash(location.hash);
addEventListener('hashchange', () => {
  if (location.hash !== writeHash(view.value)) view.value = readHash(location.hash);
});
// The address always shows the view; going back is for pages, not for every click.
effect(() => {
  const hash = writeHash(view.value);
  if (hash !== location.hash) history.replaceState(null, '', hash);
});

const page = document.getElementById('page');
if (page !== null) render(<App />, page);
