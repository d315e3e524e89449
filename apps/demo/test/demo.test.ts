import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const demo = fileURLToPath(new URL('../dist/demo.js', import.meta.url));

it('the demo finds the hot function of a running service and leaves the service as it was', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [demo], {
    encoding: 'utf8',
    timeout: 90_000,
  });
  expect({ status, stderr }).toEqual({
    status: 0,
    stderr: expect.stringMatching(
      /^sending SIGUSR1 to process \d+; its inspector opens for a moment\n$/,
    ),
  });
  expect(stdout).toMatch(/comesFirst.*walk\.ts:\d+/);
  expect(stdout).toContain('The service still answers');
  expect(stdout).toContain('no inspector port is left open');
});
