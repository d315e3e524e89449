import type { Child } from '../support-cli/child.ts';
import { startExtev } from '../support-cli/extev.ts';

/** A running `extev watch`, and the address that it printed. */
export async function startWatch(...args: string[]): Promise<Child & { readonly url: string }> {
  const child = startExtev(['watch', '--no-open', ...args]);
  await child.says('end with Ctrl-C');
  return Object.assign(child, { url: child.stdout.trim() });
}
