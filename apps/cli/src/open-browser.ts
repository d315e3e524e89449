import { spawn } from 'node:child_process';

/**
 * Opens an address in the user's browser, where there is one: at a terminal, on a machine with a
 * display. Nothing happens elsewhere.
 */
export function openBrowser(url: string): void {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  const hasDisplay = (DISPLAY ?? '') !== '' || (WAYLAND_DISPLAY ?? '') !== '';
  if (!process.stderr.isTTY || !hasDisplay) return;
  const child = spawn('xdg-open', [url], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined); // the address has been printed
  child.unref();
}
