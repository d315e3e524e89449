/**
 * The whole-session watcher in a real browser, over real processes: what the page says in words and
 * draws in pixels is what was posted.
 */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { fetch } from 'undici';
import { beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Child, startFixture, until } from './support-cli/child.ts';
import { startExtev } from './support-cli/extev.ts';
import { look, needChromium, openPage } from './support-watch/browser.ts';
import { startWatch } from './support-watch/watcher.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url)); // prettier-ignore
const patience = { timeout: 60_000, interval: 50 };

/** What the first card says of all incidents. */
const total = (page: Page): Promise<string | null> => page.locator('[data-number=total]').first().textContent(); // prettier-ignore

/** Waits until nothing of the first card is missed any more in this process. */
async function isHeard(page: Page, pid: number): Promise<void> {
  await expect.poll(() => page.locator('[data-heard]').first().getAttribute('data-heard'), patience).toMatch(new RegExp(`\\b${pid}\\b`)); // prettier-ignore
  expect(await total(page)).toBe('0');
}

async function startProgram(file: string, ...args: string[]): Promise<Child> {
  const child = new Child(process.execPath, ['--conditions=@extension-events/source', '--inspect-port=0', fixture(file), ...args]); // prettier-ignore
  child.tell('ready?');
  await child.says('ready');
  return child;
}

/** Has a service send reports over a web socket; resolves when all have come. */
async function askForReports(port: number, rounds: number): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  let lucky = 0;
  await once(socket, 'open');
  const all = new Promise<void>((resolve) => {
    socket.on('message', (message: Buffer) => {
      if (message.length === 13) lucky++;
      if (message.length === 99) resolve();
    });
  });
  await fetch(`http://127.0.0.1:${port}/reports/${rounds}`, { method: 'POST' });
  await all;
  socket.close();
  return lucky;
}

describe('extev watch', () => {
  beforeEach(needChromium);

  it('graphs exactly what was posted, in words and in pixels', async () => {
    await using poster = startFixture('poster.mjs');
    poster.tell('ready?');
    await poster.says('ready');
    await using watch = await startWatch(String(poster.pid));
    await using open = await openPage(
      `${watch.url}#range=60000&card=story.prime;pid=${poster.pid}`,
    );
    const { complaints, page } = open;
    await isHeard(page, poster.pid);
    const before = await look(page, '.card canvas');
    poster.tell('post 997');
    await poster.says('posted 997');
    await expect.poll(() => total(page), patience).toBe('997');
    await expect.poll(() => page.getByLabel('Incidents over time: 997 in this range').count(), patience).toBe(1); // prettier-ignore
    // The bucket of time is drawn when it is over: then there are a line and an area that were not there.
    await expect.poll(async () => (await look(page, '.card canvas')).drawn - before.drawn, patience).toBeGreaterThan(200); // prettier-ignore
    expect((await look(page, '.card canvas')).colours).toBeGreaterThan(3);
    expect(complaints).toEqual([]);
    // One line for each thread, and the same number.
    await page.getByRole('button', { name: 'A line for each thread' }).click();
    await expect.poll(() => page.locator('.line-list').innerText(), patience).toMatch(/main\s*997/);
    // A field of it: 997 different numbers.
    await page.getByRole('tab', { name: 'Histogram' }).click();
    poster.tell('post 101');
    await expect.poll(() => page.locator('.figures').innerText(), patience).toMatch(/count\s*101[^]*max\s*101/); // prettier-ignore
    expect((await look(page, 'canvas.histogram')).drawn).toBeGreaterThan(1000);
    watch.process.kill('SIGINT');
    expect((await watch.outcome).code).toBe(130);
    await expect.poll(() => page.getByText('Disconnected from the watcher').count(), patience).toBe(1); // prettier-ignore
    poster.tell('exit 3');
    expect((await poster.outcome).code).toBe(3);
  });

  it('attaches to a process that is listed, and waits for a name that is not there yet', async () => {
    // Whatever else runs on this machine does not have this name.
    const name = `story.named-${process.pid}`;
    await using poster = await startProgram('watch/named.mjs', name);
    await using watch = await startWatch();
    await using open = await openPage(watch.url);
    const { page } = open;
    await page.getByRole('button', { name: `Attach to named.mjs, process ${poster.pid}` }).click(patience); // prettier-ignore
    await page.locator('#event-filter').fill(name);
    await page.locator('#event-filter').press('Enter');
    await expect.poll(() => page.locator('article.card').count(), patience).toBe(1);
    await isHeard(page, poster.pid);
    poster.tell('13');
    await expect.poll(() => total(page), patience).toBe('13');
    expect(new URL(page.url()).hash).toContain(`card=${name}`);
    await page.locator('#event-filter').fill('no.such.name');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByText('this waits for it').count(), patience).toBe(1);
    // A page that is loaded again finds the view, and what was counted.
    await page.reload();
    await expect.poll(() => total(page), patience).toBe('13');
    await expect.poll(() => page.locator('article.card').count(), patience).toBe(2);
  });

  it('shows hostile names and payloads as the text that they are', async () => {
    await using hostile = await startProgram('watch/hostile.mjs');
    await using watch = await startWatch(String(hostile.pid));
    await using open = await openPage(`${watch.url}#range=60000&card=story.hostile;by=thread;tab=incidents`); // prettier-ignore
    const { complaints, page } = open;
    await isHeard(page, hostile.pid);
    await expect.poll(() => page.getByText('Waiting for incidents').count(), patience).toBe(0);
    hostile.tell('3');
    await expect.poll(() => total(page), patience).toBe('3');
    await page.locator('button.incident').first().click(patience);
    const payload = page.locator('.payload');
    await expect.poll(() => payload.innerText(), patience).toContain('<img src=x onerror="document.title=\'taken\'"><script>'); // prettier-ignore
    const text = await payload.innerText();
    expect(text).toContain(String.raw`a\u0000\u001b[2J\u202egnp.exe`);
    expect(text).toContain('(5000 characters)');
    expect(text).toMatch(/9,?223,?372,?036,?854,?775,?8\d\d/);
    for (const name of ['Top values', 'Histogram', 'Heat map', 'Flame graph']) {
      await page.getByRole('tab', { name }).click();
      hostile.tell('1');
    }
    await page.getByRole('button', { name: 'About story.hostile' }).click();
    await expect.poll(() => page.locator('.event-detail').innerText(), patience).toContain('<script>'); // prettier-ignore
    expect(await page.title()).toBe('extev watch');
    expect(await page.locator('img, iframe, .card script, .side script').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('tells the story of lucky13: a script from the page, its event graphed, the sender behind an incident', async () => {
    await using service = new Child(process.execPath, ['--inspect-port=0', fixture('lucky/service.mjs')]); // prettier-ignore
    await service.says('ready');
    const port = Number(/ready (\d+)/.exec(service.stdout)?.[1]);
    await using watch = await startWatch(String(service.pid));
    await using open = await openPage(watch.url);
    const { complaints, page } = open;
    await expect.poll(() => page.locator('.status').innerText(), patience).toBe('live');
    await page.keyboard.press('s');
    const editor = page.getByLabel('Text of the script');
    // What is wrong is told at its place, while it is typed.
    await editor.fill('event lucky13; probe net.sent { if ($len == 13) throw event lucky13 }');
    await expect.poll(() => page.locator('.problems').innerText(), patience).toMatch(/1:22\s.*net\.send/s); // prettier-ignore
    await editor.fill('event lucky13; probe net.send { if ($len == 13) throw event lucky13 }');
    await expect.poll(() => page.locator('.script-bar').innerText(), patience).toContain('no problems'); // prettier-ignore
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByRole('button', { name: 'Graph lucky13' }).click(patience);
    await expect.poll(() => page.locator('.catalogue').innerText(), patience).toContain('lucky13');
    await page.getByRole('tab', { name: 'Incidents' }).click();
    await isHeard(page, service.pid);
    await expect.poll(() => page.getByText('No incident yet').count(), patience).toBe(1);
    expect(await askForReports(port, 7)).toBe(7);
    await expect.poll(() => total(page), patience).toBe('7');
    await page.locator('button.incident').first().click(patience);
    await expect.poll(() => page.locator('.stack').innerText(), patience).toMatch(/sendReport\s+\S*service\.mjs:\d+/); // prettier-ignore
    expect(complaints).toEqual([]);
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await expect.poll(() => page.locator('.script').innerText(), patience).toContain('ended');
  });

  it('stops a thread at the next incident when that was allowed, and lets it go', async () => {
    await using poster = startFixture('poster.mjs');
    poster.tell('ready?');
    await poster.says('ready');
    await using watch = await startWatch('--allow-control', String(poster.pid));
    await using open = await openPage(`${watch.url}#card=story.prime;pid=${poster.pid}`);
    const { page } = open;
    await isHeard(page, poster.pid);
    await page.getByRole('button', { name: 'Stop at the next incident' }).click();
    await expect.poll(() => page.getByText('is stopped').count(), patience).toBe(1);
    poster.tell('post 5');
    await expect.poll(() => page.locator('.stop-note').innerText(), patience).toMatch(/stopped at story\.prime by extev watch/); // prettier-ignore
    await page.getByRole('button', { name: 'Continue' }).click(patience);
    await poster.says('posted 5');
    await expect.poll(() => total(page), patience).toBe('5');
    await expect.poll(() => page.locator('.stop-note').count(), patience).toBe(0);
  });

  it('has a card for each pattern of the command line, of what its predicate lets through', async () => {
    await using poster = startFixture('poster.mjs');
    poster.tell('ready?');
    await poster.says('ready');
    await using watch = await startWatch(String(poster.pid), 'story.prime', 'story.*', '--where', 'n >= 5'); // prettier-ignore
    await using open = await openPage(watch.url);
    const { page } = open;
    await expect.poll(() => page.locator('.card').count(), patience).toBe(2);
    await isHeard(page, poster.pid);
    poster.tell('post 7');
    await poster.says('posted 7');
    await expect.poll(() => total(page), patience).toBe('3');
  });

  it('has no button for that otherwise, and says where there is one', async () => {
    await using poster = startFixture('poster.mjs');
    await using watch = await startWatch(String(poster.pid));
    await using open = await openPage(`${watch.url}#card=story.prime;pid=${poster.pid}`);
    await isHeard(open.page, poster.pid);
    expect(await open.page.getByRole('button', { name: 'Stop at the next incident' }).count()).toBe(0); // prettier-ignore
    await open.page.keyboard.press('?');
    expect(await open.page.locator('.help').innerText()).toContain('extev watch --allow-control');
  });

  it('starts a program, and ends it with itself', async () => {
    await using watch = await startWatch('--json', '--', process.execPath, '--conditions=@extension-events/source', fixture('cli/poster.mjs')); // prettier-ignore
    const { pid, url } = JSON.parse(watch.stdout) as { pid: number; url: string };
    expect(pid).toBe(watch.pid);
    await using open = await openPage(`${url}#card=story.prime`);
    await expect.poll(() => open.page.locator('.process.connected').allInnerTexts(), patience).toEqual(expect.arrayContaining([expect.stringContaining('poster.mjs')])); // prettier-ignore
    watch.process.kill('SIGINT');
    const { code, stderr } = await watch.outcome;
    expect(code).toBe(130);
    expect(stderr).toMatch(/ending process \d+ \(.*poster\.mjs\), which this command started/);
  });
});

describe('extev watch without a browser', () => {
  it('says what it cannot do', async () => {
    await using unknown = startExtev(['watch', '--no-open', '999999999']);
    expect(await unknown.outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('EE_NO_PROCESS') }); // prettier-ignore
    await using where = startExtev(['watch', '--no-open', '--where', 'len == 13']);
    expect(await where.outcome).toMatchObject({ code: 2, stderr: expect.stringContaining('EE_USAGE') }); // prettier-ignore
    await using wrong = startExtev(['watch', '--no-open', 'net.send', '--where', 'len ==']);
    expect(await wrong.outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('EE_EXPR_SYNTAX') }); // prettier-ignore
  });

  it('warns when it listens beyond this machine', async () => {
    await using watch = await startWatch('--host', '0.0.0.0');
    expect(watch.stderr).toContain('warning: whoever can reach 0.0.0.0');
    await until(() => watch.stdout.includes('http://0.0.0.0:'));
  });
});
