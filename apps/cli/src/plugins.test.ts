import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { agentSources, findPlugins } from './plugins.ts';
import { readManifest } from './plugin-manifest.ts';

const keywords = ['extension-events', 'extension-events-producer'];

describe('readManifest', () => {
  it('reads role, id, placement, events and inject', () => {
    const extensionEvents = { id: 'x', placement: 'agent', inject: './i.mjs', events: ['x.y'] };
    const json = { name: 'a', version: '1.2.3', description: 'd', keywords, extensionEvents };
    expect(readManifest(json, '/d')).toEqual({ package: 'a', version: '1.2.3', role: 'producer', description: 'd', id: 'x', placement: 'agent', events: ['x.y'], directory: '/d', inject: './i.mjs', thread: undefined, host: undefined, schemes: [] }); // prettier-ignore
  });

  it('takes a consumer that says no more than its keyword', () => {
    const json = { name: 'a', keywords: ['extension-events-consumer'] };
    expect(readManifest(json, '/d')).toMatchObject({ role: 'consumer', id: 'a', events: [] });
  });

  it('passes over what is no plugin', () => {
    expect(readManifest({ name: 'a', keywords: 'extension-events-producer' }, '/d')).toBeUndefined(); // prettier-ignore
    expect(readManifest({ keywords }, '/d')).toBeUndefined();
  });

  it.each([
    ['text', /no object/],
    [{ id: 7 }, /id is no text/],
    [{ events: 'x' }, /no list of names/],
    [{ events: [1] }, /no list of names/],
    [{ inject: 1 }, /no path/],
    [{ host: 1 }, /no path/],
    [{ schemes: 'x' }, /no list of names/],
    [{ placement: 'moon' }, /none of thread, agent, host/],
  ])('refuses %j', (extensionEvents, message) => {
    expect(() => readManifest({ name: 'a', keywords, extensionEvents }, '/d')).toThrow(message);
  });
});

describe('findPlugins', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'extev-plugins-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  function install(where: string, json: object): void {
    const folder = join(directory, where);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify(json));
  }
  const find = (own: string, cwd?: string, tell?: (line: string) => void): string[] =>
    findPlugins({ own: join(directory, own), cwd, ...(tell === undefined ? {} : { tell }) })
      .filter((plugin) => plugin.directory.startsWith(directory))
      .map((plugin) => `${plugin.package} ${plugin.version}`);

  it('looks in every node_modules above, the nearest first, with scopes', () => {
    install('node_modules/outer', { name: 'outer', version: '1.0.0', keywords });
    install('node_modules/both', { name: 'both', version: '1.0.0', keywords });
    install('app/node_modules/both', { name: 'both', version: '2.0.0', keywords });
    install('app/node_modules/@s/inner', { name: '@s/inner', version: '1.0.0', keywords });
    install('app/node_modules/other', { name: 'other', version: '1.0.0', keywords: ['x'] });
    install('app/src', {});
    expect(find('app/src')).toEqual(['@s/inner 1.0.0', 'both 2.0.0', 'outer 1.0.0']);
  });

  it('looks above the current directory too, but not where anybody may write', () => {
    install('own', {});
    install('project/node_modules/near', { name: 'near', version: '1.0.0', keywords });
    expect(find('own', join(directory, 'project'))).toEqual(['near 1.0.0']);
    rmSync(join(directory, 'project/node_modules'), { recursive: true });
    const open = join(directory, 'project/node_modules');
    const before = process.umask(0);
    mkdirSync(open, { mode: 0o777 });
    process.umask(before);
    install('project/node_modules/near', { name: 'near', version: '1.0.0', keywords });
    expect(find('own', join(directory, 'project'))).toEqual([]);
  });

  it('tells of a plugin that makes no sense, and of nothing else', () => {
    install('node_modules/broken', { name: 'broken', keywords, extensionEvents: 1 });
    install('node_modules/good', { name: 'good', version: '1.0.0', keywords });
    writeFileSync(join(directory, 'node_modules/file'), '');
    const told: string[] = [];
    expect(find('.', undefined, (line) => told.push(line))).toEqual(['good 1.0.0']);
    expect(told).toEqual([expect.stringMatching(/^EE_PLUGIN: .*broken is passed over: /)]);
  });

  it('offers producers with an inject file to sessions', async () => {
    const plugin = { package: 'a', version: '', role: 'producer', description: '', id: 'x', placement: 'agent', events: [], directory: '/d e', inject: './i.mjs', thread: undefined, host: undefined, schemes: [] } as const; // prettier-ignore
    const others = [{ ...plugin, inject: undefined }, { ...plugin, role: 'consumer' as const }]; // prettier-ignore
    const told: string[] = [];
    const sources = await agentSources((line) => told.push(line), [plugin, ...others]);
    expect(told).toEqual([]);
    expect(sources).toEqual([{ id: 'x', injectUrl: 'file:///d%20e/i.mjs' }]);
  });
});
