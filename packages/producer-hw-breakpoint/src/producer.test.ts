import { readFileSync } from 'node:fs';
import { resolveRequest } from '@extension-events/core';
import { producerContract } from '@extension-events/core/testing';
import { describe, expect, it } from 'vitest';
import { createFakeHost } from '../fixtures/fake-host.ts';
import { createHwBreakpointProducer, hwBreakpointDescriptors, hwBreakpointErrorCodes, hwBreakpointHitDescriptor } from './index.ts'; // prettier-ignore

const symbols = { counter: { address: 0x404040n, sizeBytes: 8 } };

describe('the contract', () => {
  producerContract(createHwBreakpointProducer(), {
    it,
    createHost: () => createFakeHost({ symbols }),
    module: new URL('index.ts', import.meta.url),
    requests: {
      'hw-breakpoint.hit': [{ address: 'counter' }, { address: '0x404048', access: 'execute' }],
    },
    refused: { 'hw-breakpoint.hit': { address: 'counter+1' } },
  });
  producerContract(createHwBreakpointProducer(), {
    it,
    createHost: () => createFakeHost({ refuse: () => 'EE_PERF_PERMISSION' }),
    module: new URL('memory.ts', import.meta.url),
    requests: { 'hw-breakpoint.hit': [{ address: '0x1000' }, { address: '0x2000' }] },
    refused: { 'hw-breakpoint.hit': { address: 'memory:nothing' } },
  });
});

describe('the package', () => {
  it('needs an address, and refuses to watch reads alone', () => {
    expect(resolveRequest(hwBreakpointHitDescriptor, { address: 'x' })).toEqual({
      address: 'x',
      access: 'write',
      kernel: false,
    });
    expect(() => resolveRequest(hwBreakpointHitDescriptor, {})).toThrow(/address is missing/);
    const read = { address: 'x', access: 'read' };
    expect(() => resolveRequest(hwBreakpointHitDescriptor, read)).toThrow(/read-write, execute/);
  });

  it('documents every error, event and parameter in the README', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const rows = Array.from(readme.matchAll(/^\| `(EE_\w+)` +\| (.*?) +\|/gm), ([, code, meaning]) => [code, meaning]); // prettier-ignore
    expect(Object.fromEntries(rows)).toEqual(hwBreakpointErrorCodes);
    for (const { name, fields, request = {} } of hwBreakpointDescriptors) {
      for (const word of [name, ...Object.keys(fields), ...Object.keys(request)])
        expect(readme).toContain(`\`${word}\``);
    }
  });
});
