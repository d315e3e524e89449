/// <reference lib="dom" />
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { type Benchmark, setGoal } from './benchmark.ts';
import { figuresOf, type Round, summarize, summarizeRatio } from './measure.ts';
import { Program } from './program.ts';

const extev = fileURLToPath(new URL('../../../apps/cli/dist/main.js', import.meta.url));
const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const args = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking']; // prettier-ignore
const turnMs = 5000;
const settleMs = 4000;
const empty = 'an empty page';
const pages = {
  'one card': '#range=60000&card=net.send',
  'five cards and a timeline':
    '#range=300000&timeline&card=net.send;tab=incidents&card=hot-spot.sample;tab=flame&card=http.server.request;tab=heat&card=http.**;by=event&card=http.server.request;by=thread;tab=top',
};

/** What a browser does with the page of a watcher, over a real program. */
export const page: Benchmark = {
  name: 'page',
  run: async (settings) => {
    await using program = await Program.start('visited');
    await using watcher = await startWatcher(program.pid);
    const rounds: Round[] = [];
    const count = Math.max(3, Math.round(settings.rounds / 5));
    for (let round = 0; round < count; round++) rounds.push(await measure(watcher.url));
    const names = Object.keys(pages);
    return {
      title: 'Page of extev watch in headless Chromium, drawn without a graphics card',
      baseline: empty,
      rows: [
        { name: frames(empty), figure: summarize(figuresOf(rounds, frames(empty))), unit: '/s' },
        ...names.flatMap((name) => [
          {
            name: frames(name),
            figure: summarize(figuresOf(rounds, frames(name))),
            unit: '/s',
            ratio: summarizeRatio(rounds, frames(name), frames(empty)),
          },
          { name: longest(name), figure: summarize(figuresOf(rounds, longest(name))), unit: 'ms' },
          { name: batches(name), figure: summarize(figuresOf(rounds, batches(name))), unit: '/s' },
          { name: size(name), figure: summarize(figuresOf(rounds, size(name))), unit: 'KiB' },
        ]),
      ],
      goals: names.flatMap((name) => [
        setGoal(`page, ${name}: frames to those of an empty page`, summarizeRatio(rounds, frames(name), frames(empty)), 'x', { atLeast: 0.97 }), // prettier-ignore
        setGoal(`page, ${name}: updates`, summarize(figuresOf(rounds, batches(name))), '/s', { atMost: 10 }), // prettier-ignore
      ]),
      notes: [
        'The program is a service with some fifty requests a second, the watcher the built command; both, the browser and this share the processors.',
        `Frames that the page was asked to draw in ${turnMs / 1000} s, after ${settleMs / 1000} s in which the first values come whole.`,
      ],
    };
  },
};

const frames = (name: string): string => `${name}: frames`;
const longest = (name: string): string => `${name}: longest frame`;
const batches = (name: string): string => `${name}: updates`;
const size = (name: string): string => `${name}: mean update`;

async function startWatcher(pid: number): Promise<AsyncDisposable & { readonly url: string }> {
  const child: ChildProcess = spawn(process.execPath, [extev, 'watch', '--no-open', String(pid)], { stdio: ['ignore', 'pipe', 'inherit'] }); // prettier-ignore
  process.once('exit', () => child.kill('SIGKILL'));
  const [url] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  return {
    url: url.toString().trim(),
    [Symbol.asyncDispose]: async (): Promise<void> => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      await ended;
    },
  };
}

/** Each page for a while, in a browser of its own. */
async function measure(url: string): Promise<Round> {
  const figures: Record<string, number> = {};
  for (const [name, hash] of [[empty, undefined] as const, ...Object.entries(pages)]) {
    const browser = await chromium.launch({ executablePath, args });
    try {
      Object.assign(figures, await look(browser, name, hash === undefined ? undefined : url + hash)); // prettier-ignore
    } finally {
      await browser.close();
    }
  }
  return figures;
}

async function look(browser: Browser, name: string, url: string | undefined): Promise<Round> {
  const view = await browser.newPage({ viewport: { width: 1280, height: 1600 } });
  let updates = 0;
  let bytes = 0;
  view.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      updates++;
      bytes += payload.length;
    }),
  );
  if (url !== undefined) {
    await view.goto(url);
    await view.waitForSelector('.card canvas');
    // It is heard, and drawn.
    await view.waitForFunction(() => /[1-9]/.test(document.querySelector('[data-number=total]')?.textContent ?? '')); // prettier-ignore
  }
  await view.waitForTimeout(settleMs);
  [updates, bytes] = [0, 0];
  const gaps = await view.evaluate(drawFor, turnMs);
  const seconds = gaps.reduce((sum, gap) => sum + gap, 0) / 1000;
  if (url !== undefined) assert.ok(updates > 0, `${name}: it was told of changes`);
  return {
    [frames(name)]: gaps.length / seconds,
    [longest(name)]: Math.max(...gaps),
    [batches(name)]: updates / seconds,
    [size(name)]: updates === 0 ? 0 : bytes / updates / 1024,
  };
}

// Runs in the page: times between frames.
async function drawFor(limitMs: number): Promise<number[]> {
  const times: number[] = [];
  await new Promise<void>((resolve) => {
    const tick = (nowMs: number): void => {
      times.push(nowMs);
      if (nowMs - (times[0] ?? nowMs) < limitMs) requestAnimationFrame(tick);
      else resolve();
    };
    requestAnimationFrame(tick);
  });
  return times.slice(1).map((time, i) => time - (times[i] ?? time));
}
