// oxlint-disable unicorn/consistent-function-scoping -- small throwers stand beside their use
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ExtensionEventError } from './errors.ts';
import type { Producer } from './producer.ts';
import { type ContractOptions, producerContract } from './testing.ts';
import type { EventTypeDescriptor } from './types.ts';

const beat: EventTypeDescriptor = {
  name: 'heart.beat',
  kind: 'requested',
  description: 'The heart beat.',
  producer: 'heart',
  fields: { durationMs: { type: 'f64', unit: 'ms', description: 'how long' } },
  request: {
    frequencyHz: { type: 'f64', unit: 'Hz', description: 'how often', default: 1, max: 3 },
  },
};
const stop: EventTypeDescriptor = { name: 'heart.stop', kind: 'filtered', description: 'It stood still.', producer: 'heart', fields: {} }; // prettier-ignore

/** A producer that keeps the contract; the options are the ways in which a test lets it break it. */
function createHeart(change: Partial<Producer> = {}, arm: () => void | Promise<void> = () => {}): Producer {
  return {
    id: 'heart',
    description: 'Posts what the heart does.',
    placement: 'thread',
    eventTypes: [beat, stop],
    isSupported: () => ({ ok: true }),
    start(registry) {
      const beating = new Set<number>();
      const types = [
        registry.registerEventType({
          ...beat,
          arm: ({ armId }) => {
            beating.add(armId);
            return arm();
          },
          disarm: ({ armId }) => void beating.delete(armId),
        }),
        registry.registerEventType(stop),
      ];
      return { [Symbol.dispose]: () => types.forEach((type) => type.unregister()) };
    },
    ...change,
  };
} // prettier-ignore

const directory = mkdtempSync(join(tmpdir(), 'extension-events-contract-'));
afterAll(() => rmSync(directory, { recursive: true }));
function write(name: string, text: string): string {
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
}

const requests = { 'heart.beat': [{ frequencyHz: 1 }, { frequencyHz: 2 }] } as const;

describe('the contract', () => {
  producerContract(createHeart(), {
    it,
    createHost: () => undefined,
    requests,
    refused: { 'heart.beat': { frequencyHz: 4 } },
    module: new URL('index.ts', import.meta.url),
  });
});

/** Runs the suite without a framework; the sentences that fail. */
async function failures(producer: Producer, options: Partial<ContractOptions> = {}): Promise<string[]> {
  const tests: [string, () => void | Promise<void>][] = [];
  producerContract(producer, {
    it: (sentence, run) => tests.push([sentence, run]),
    createHost: () => undefined,
    requests,
    ...options,
  });
  const failed: string[] = [];
  for (const [sentence, run] of tests) {
    try {
      await run();
    } catch {
      failed.push(sentence);
    }
  }
  return failed;
} // prettier-ignore

const coded = (): never => {
  throw new ExtensionEventError('EE_HEART', 'No heart here.', 'Get one.');
};

describe('the contract suite', () => {
  it('lets pass what keeps it, also where the source refuses with a code', async () => {
    expect(await failures(createHeart())).toEqual([]);
    expect(await failures(createHeart({}, coded))).toEqual([]);
    expect(await failures(createHeart({}, () => Promise.resolve()))).toEqual([]);
    expect(await failures(createHeart({}, async () => coded()))).toEqual([]);
  });

  it.each<[string, Partial<Producer>]>([
    ['an id that is no id', { id: 'The Heart' }],
    ['no description', { description: '' }],
    ['a placement that does not exist', { placement: 'moon' as never }],
    ['no event types', { eventTypes: [] }],
    ['a bad name', { eventTypes: [{ ...stop, name: 'Heart.Stop' }] }],
    ['another producer', { eventTypes: [{ ...stop, producer: 'liver' }] }],
    ['a field without description', { eventTypes: [{ ...stop, fields: { a: { type: 'u8' } } }] }],
    ['a quantity without unit', { eventTypes: [{ ...stop, fields: { durationMs: { type: 'f64', description: 'how long' } } }] }], // prettier-ignore
    ['a support that is not explained', { isSupported: () => ({ ok: false, code: 'no', reason: '', hint: '' }) }], // prettier-ignore
    ['a support that throws', { isSupported: coded }],
    ['a type that was not declared', { eventTypes: [beat] }],
    ['a declared type that is not registered', { eventTypes: [beat, stop, { ...stop, name: 'heart.x' }] }], // prettier-ignore
  ])('finds %s', async (_what, change) => {
    expect(await failures(createHeart(change))).not.toEqual([]);
  });

  it('finds a source that throws without a code, and types that outlive their producer', async () => {
    const plain = (): never => {
      throw new Error('plain');
    };
    expect(await failures(createHeart({}, plain))).toContainEqual(expect.stringContaining('armed by its first listener')); // prettier-ignore
    const leaky = createHeart({
      start: (registry, host) => {
        createHeart().start(registry, host);
        return { [Symbol.dispose]: () => {} };
      },
    });
    expect(await failures(leaky)).toContainEqual(expect.stringContaining('takes everything back'));
  });

  it('finds a request that should have been refused', async () => {
    const refused = { 'heart.beat': { frequencyHz: 3 } };
    expect(await failures(createHeart(), { refused })).toEqual([expect.stringContaining('refuses {"frequencyHz":3}')]); // prettier-ignore
  });

  it.each([
    ['a global', `globalThis.heart = 1;`],
    ['a listener', `process.on('exit', () => {});`],
    ['a timer', `setInterval(() => {}, 1000);`],
    ['a registry', `Object.defineProperty(globalThis, Symbol.for('extension-events.core.v1'), { value: {} });`], // prettier-ignore
  ])('finds an import that leaves %s behind', async (what, text) => {
    const module = write(`${what.replaceAll(' ', '-')}.mjs`, text);
    expect(await failures(createHeart(), { module })).toEqual(['heart: importing does nothing']);
  });
});
