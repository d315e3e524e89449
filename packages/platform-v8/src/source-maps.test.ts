import { describe, expect, it } from 'vitest';
import { SourceMaps, toPath } from './source-maps.ts';

// Two lines of output, made of two sources: `out.js:1:1` is `a.ts:3:5` (named `original`), `out.js:2:1` is `b.ts:1:1`.
const map = {
  version: 3,
  file: 'out.js',
  sources: ['a.ts', 'b.ts'],
  sourcesContent: ['// a', null],
  names: ['original'],
  mappings: 'AAEIA,IACA;ACHJ',
};

const files = (entries: Record<string, string>) => {
  const reads: string[] = [];
  const readText = (path: string): string => {
    reads.push(path);
    const text = entries[path];
    if (text === undefined) throw new Error(`ENOENT ${path}`);
    return text;
  };
  return { maps: new SourceMaps(readText), reads };
};

const beside = {
  '/app/dist/out.js': 'one();\ntwo();\n//# sourceMappingURL=out.js.map\n',
  '/app/dist/out.js.map': JSON.stringify({ ...map, sourceRoot: '../src' }),
};
const script = { url: 'file:///app/dist/out.js' };

describe('SourceMaps', () => {
  it('translates a generated place to the one a person wrote, with its name', () => {
    const { maps } = files(beside);
    expect(maps.toOriginal(script, { line: 1, column: 1 })).toEqual({
      path: '/app/src/a.ts',
      line: 3,
      column: 5,
      name: 'original',
      isMapped: true,
    });
    expect(maps.toOriginal({ url: '/app/dist/out.js' }, { line: 2, column: 1 })).toEqual({
      path: '/app/src/b.ts',
      line: 1,
      column: 1,
      isMapped: true,
    });
    expect(maps.sources(script)).toEqual(['/app/src/a.ts', '/app/src/b.ts']);
    expect(maps.sourceText(script, '/app/src/a.ts')).toBe('// a');
    expect(maps.sourceText(script, '/app/src/b.ts')).toBeUndefined();
  });

  it('translates back, by path or file url', () => {
    const { maps } = files(beside);
    const there = [{ url: script.url, line: 1, column: 1 }];
    expect(maps.toGenerated(script, '/app/src/a.ts', { line: 3, column: 1 })).toEqual(there);
    expect(maps.toGenerated(script, 'file:///app/src/a.ts', { line: 3, column: 5 })).toEqual(there);
    expect(maps.toGenerated(script, '/app/src/a.ts', { line: 99, column: 1 })).toEqual([]);
    expect(maps.toGenerated(script, '/app/src/c.ts', { line: 1, column: 1 })).toEqual([]);
  });

  it('reads data urls, percent-encoded or in base64, and maps with sections', () => {
    const json = JSON.stringify(map);
    const base64 = `data:application/json;charset=utf-8;base64,${Buffer.from(json).toString('base64')}`;
    const sections = { version: 3, sections: [{ offset: { line: 1, column: 0 }, map }] };
    const { maps } = files({ '/app/inline.js': `x();\n//# sourceMappingURL=${base64}` });
    expect(maps.toOriginal({ url: '/app/inline.js' }, { line: 1, column: 1 })).toMatchObject({
      path: '/app/a.ts',
      line: 3,
    });
    const percent = `data:application/json,${encodeURIComponent(json)}`;
    expect(
      maps.toOriginal({ url: 'file:///app/p.js', sourceMapUrl: percent }, { line: 1, column: 1 }),
    ).toMatchObject({ line: 3 });
    const indexed = `data:application/json,${encodeURIComponent(JSON.stringify(sections))}`;
    expect(
      maps.toOriginal({ url: 'file:///app/i.js', sourceMapUrl: indexed }, { line: 2, column: 1 }),
    ).toMatchObject({ line: 3 });
  });

  it('shows the generated place when there is no map, no file, or nonsense', () => {
    const { maps } = files({
      '/app/types.ts': 'const a: number = 1;\n',
      '/app/bad.js': '//# sourceMappingURL=bad.js.map\n',
      '/app/bad.js.map': 'not json',
      '/app/gone.js': '//# sourceMappingURL=gone.js.map\n',
      '/app/far.js': '//# sourceMappingURL=https://example.com/x.map\n',
    });
    for (const url of [
      'file:///app/types.ts',
      '/app/bad.js',
      '/app/gone.js',
      '/app/far.js',
      '/app/none.js',
      'node:fs',
      '',
      'webpack://x/y.js',
    ]) {
      expect(maps.toOriginal({ url }, { line: 7, column: 3 })).toEqual({
        path: toPath(url),
        line: 7,
        column: 3,
        isMapped: false,
      });
      expect(maps.has({ url })).toBe(false);
    }
    const same = { line: 7, column: 3 };
    expect(maps.toGenerated({ url: 'file:///app/types.ts' }, '/app/types.ts', same)).toEqual([
      { url: 'file:///app/types.ts', ...same },
    ]);
  });

  it('reads each map once, and takes one that it is given', () => {
    const { maps, reads } = files(beside);
    for (let i = 0; i < 3; i++) maps.toOriginal(script, { line: 1, column: 1 });
    expect(reads).toEqual(['/app/dist/out.js', '/app/dist/out.js.map']);
    maps.add('file:///app/memory.ts', JSON.stringify(map));
    expect(maps.toOriginal({ url: 'file:///app/memory.ts' }, { line: 1, column: 1 })).toMatchObject(
      { path: '/app/a.ts', line: 3 },
    );
  });

  it('is not taken in by a string that looks like a reference', () => {
    const text = `const x = 'sourceMappingURL=wrong.map';\n${'filler();\n'.repeat(1000)}`;
    const { maps } = files({ '/app/tricky.js': text });
    expect(maps.has({ url: '/app/tricky.js' })).toBe(false);
  });
});
