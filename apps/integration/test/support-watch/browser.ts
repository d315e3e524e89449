/// <reference lib="dom" />
import { accessSync, constants } from 'node:fs';
import { type Browser, chromium, type ConsoleMessage, type Page } from 'playwright-core';
import type { TestContext } from 'vitest';

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']; // prettier-ignore

/** Skips where there is no Chromium. */
export function needChromium(context: TestContext): void {
  try {
    accessSync(executablePath, constants.X_OK);
  } catch {
    context.skip(`needs chromium: there is no ${executablePath}; CHROMIUM may name another`);
  }
}

/** A page in a real browser, and what its console says. */
export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  /** Errors, warnings and violations of the Content-Security-Policy. */
  readonly complaints: readonly string[];
}

export interface PageSettings {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'dark' | 'light';
  /** How much faster than ours the page's wall clock runs. */
  readonly speed?: number;
}

/** Opens an address in a browser of its own. */
export async function openPage(url: string, settings: PageSettings = {}): Promise<OpenPage> {
  const { colorScheme = 'dark', height = 720, speed = 1, width = 1280 } = settings;
  const browser: Browser = await chromium.launch({ executablePath, args });
  const context = await browser.newContext({ viewport: { width, height }, colorScheme });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message: ConsoleMessage) => {
    if (message.type() !== 'log' && message.type() !== 'info')
      complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  if (speed !== 1) await page.addInitScript(quicken, speed);
  await page.goto(url);
  return { page, complaints, [Symbol.asyncDispose]: () => browser.close() };
}

// Runs in the page.
function quicken(speed: number): void {
  const now = Date.now.bind(Date);
  const startMs = now();
  Date.now = () => startMs + (now() - startMs) * speed;
}

/** How many colours there are in a canvas, and how many of its pixels are not empty. */
export async function look(
  page: Page,
  selector: string,
): Promise<{ colours: number; drawn: number }> {
  // prettier-ignore
  return page.locator(selector).first().evaluate((element) => {
    const shown = element as HTMLCanvasElement;
    // Read from a copy: the page's own canvas is for drawing.
    const canvas = new OffscreenCanvas(shown.width, shown.height);
    canvas.getContext('2d', { willReadFrequently: true })?.drawImage(shown, 0, 0);
    const data = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    const colours = new Set<number>();
    let drawn = 0;
    for (let i = 0; i < data.length; i += 4) {
      if ((data[i + 3] ?? 0) === 0) continue;
      drawn++;
      colours.add(((data[i] ?? 0) << 16) | ((data[i + 1] ?? 0) << 8) | (data[i + 2] ?? 0));
    }
    return { colours: colours.size, drawn };
  });
}
