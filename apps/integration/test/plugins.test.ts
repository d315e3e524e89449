import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Child, fixture, startFixture } from './support-cli/child.ts';
import { readLines, startExtev } from './support-cli/extev.ts';
import { publishedDirectories, readManifest } from './support-cli/packed.ts';

interface ProducerManifest {
  readonly name: string;
  readonly keywords: readonly string[];
  readonly exports: Record<string, { default: string }>;
  readonly extensionEvents: {
    id: string;
    placement: string;
    inject?: string;
    host?: string;
    thread?: string;
    events: string[];
    schemes?: string[];
  };
}
interface ProducerFile {
  readonly producer: {
    id: string;
    placement: string;
    eventTypes: { name: string }[];
    schemes?: string[];
  };
}

const producers = publishedDirectories()
  .map((directory) => ({
    directory,
    manifest: readManifest(directory) as unknown as ProducerManifest,
  })) // prettier-ignore
  .filter(({ manifest }) => manifest.name.includes('/producer-'))
  .map(({ directory, manifest }) => [manifest.name, directory, manifest] as const);

describe.each(producers)('the manifest of %s', (_name, directory, manifest) => {
  it('says what its producer says', async () => {
    const { extensionEvents, exports, keywords } = manifest;
    const { host, inject, thread } = extensionEvents;
    const files = [thread, inject, host].filter((file) => file !== undefined);
    expect(files.length).toBeGreaterThan(0);
    expect(thread).toBe(exports['./thread']?.default);
    expect(inject).toBe(exports['./inject']?.default);
    expect(host).toBe(exports['./host']?.default);
    const placements: string[] = [];
    const posted = new Set<string>();
    for (const file of files) {
      const url = pathToFileURL(join(directory, file)).href;
      const { producer } = (await import(url)) as ProducerFile;
      const { eventTypes, id, placement, schemes } = producer;
      const names = eventTypes.map((type) => type.name);
      expect({ id, schemes }).toEqual({ id: extensionEvents.id, schemes: extensionEvents.schemes });
      // One door may see less than another: the kernel knows no HTTP.
      expect(extensionEvents.events).toEqual(expect.arrayContaining(names));
      for (const name of names) posted.add(name);
      placements.push(placement);
    }
    expect([...posted].toSorted()).toEqual(extensionEvents.events.toSorted());
    expect(placements[0]).toBe(extensionEvents.placement);
    expect(keywords).toEqual(expect.arrayContaining(['extension-events', 'extension-events-producer'])); // prettier-ignore
  });
});

describe('a project with producers of its own', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'extev-project-'));
  beforeAll(() => cpSync(fixture('project'), join(cwd, 'node_modules'), { recursive: true }));
  afterAll(() => rmSync(cwd, { recursive: true }));
  const extev = (...args: string[]): Child => startExtev(args, { cwd });

  it('is seen by extev plugins, whether its producers work or not', async () => {
    await using child = extev('plugins', '--json');
    const [document] = readLines((await child.outcome).stdout);
    const plugins = document?.['plugins'] as Record<string, unknown>[];
    expect(plugins).toContainEqual({
      package: 'a-tick-producer',
      version: '3.1.4',
      role: 'producer',
      description: 'Posts fixture.tick a hundred times a second.',
      id: 'tick',
      placement: 'agent',
      events: ['fixture.tick'],
      schemes: [],
    });
    expect(plugins.map((plugin) => plugin['id'])).toEqual(expect.arrayContaining(['hot-spot', 'sulking', 'broken'])); // prettier-ignore
  });

  it('has them loaded by listen, which says what cannot be', async () => {
    await using plain = startFixture('plain.mjs');
    await plain.says('ready');
    await using child = extev('listen', String(plain.pid), 'fixture.tick', '--max-hit', '3', '--json'); // prettier-ignore
    const { code, stderr, stdout } = await child.outcome;
    expect(code).toBe(0);
    const lines = readLines(stdout);
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatchObject({ event: 'fixture.tick', seq: 1 });
    expect(stderr).toMatch(/producer sulking is not loaded .*EE_SULKING: The moon is not full\.\nhint: Wait for it\./); // prettier-ignore
    expect(stderr).toMatch(/producer broken is not loaded .*EE_PRODUCER_LOAD: .*nothing-here\.mjs/);
  });

  it('shows its event types in events, and its troubles in doctor', async () => {
    await using events = extev('events', 'fixture.*');
    const listed = await events.outcome;
    expect(listed.stdout).toMatch(/^fixture\.tick +filtered +tick +0 +0 +installed$/m);
    expect(listed.stderr).toMatch(/^EE_PLUGIN: a-broken-producer .*\nhint: reinstall it$/m);
    await using doctor = extev('doctor', '--json');
    const { code, stdout } = await doctor.outcome;
    expect(code).toBe(1);
    const [document] = readLines(stdout);
    expect(document?.['checks']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ what: 'producer tick', ok: true }),
        expect.objectContaining({ what: 'producer sulking', ok: false, code: 'EE_SULKING', remedy: 'Wait for it.' }), // prettier-ignore
        expect.objectContaining({ what: 'producer broken', ok: false, code: 'EE_PLUGIN' }),
      ]),
    );
  });
});
