/**
 * The door `./testing`: the contract that every producer keeps, as tests for any framework whose
 * `it` takes a sentence and a function.
 */
import assert from 'node:assert/strict';
import { checkImport, type ImportedModule } from './testing-import.ts';
import { checkDescriptor } from './testing-descriptor.ts';
import { type Heard, TestBed } from './testing-bed.ts';
import type { Producer } from './producer.ts';
import type { EventTypeDescriptor, RequestValues } from './types.ts';

export type { ImportedModule } from './testing-import.ts';

/** What the suite needs besides the producer. */
export interface ContractOptions<Host = unknown> {
  /** Declares one test: vitest's or node:test's own `it`. */
  readonly it: (sentence: string, run: () => void | Promise<void>) => unknown;
  /** Makes the host that `start` gets; a new one for each test. */
  readonly createHost: () => Host;
  /** The package's main file: importing it must do nothing. */
  readonly module?: ImportedModule;
  /** For each requested type two requests that differ; needed where defaults do not suffice. */
  readonly requests?: Readonly<Record<string, readonly [RequestValues, RequestValues]>>;
  /** Requests that the source must refuse, by event name. */
  readonly refused?: Readonly<Record<string, RequestValues>>;
}

/** Declares the tests of the contract for one producer. */
export function producerContract<Host>(
  producer: Producer<Host>,
  { it, createHost, module, requests = {}, refused = {} }: ContractOptions<Host>,
): void {
  const { id, eventTypes, schemes = [] } = producer;
  const requested = eventTypes.filter((type) => type.kind === 'requested');
  const test = (sentence: string, run: (bed: TestBed<Host>) => Promise<void>): unknown =>
    it(`${id}: ${sentence}`, async () => {
      using bed = new TestBed(producer, createHost());
      await run(bed);
    });

  if (module !== undefined) it(`${id}: importing does nothing`, () => checkImport(module));

  it(`${id}: says what it is and what it could post`, () => {
    assert.match(id, /^[a-z][a-z0-9-]*$/, 'the id is kebab-case');
    assert.match(producer.description, /^[A-Z].*\.$/s, 'the description is a sentence');
    assert.ok(['thread', 'agent', 'host'].includes(producer.placement), producer.placement);
    assert.ok(eventTypes.length + schemes.length > 0, 'it declares event types or schemes');
    for (const type of eventTypes) checkDescriptor(type, id);
  });

  it(`${id}: knows without throwing whether it works here`, () => {
    const support = producer.isSupported();
    if (support.ok) return;
    assert.match(support.code, /^EE_[A-Z0-9_]+$/);
    assert.ok(support.reason.length > 0 && support.hint.length > 0, 'it says why, and what to do');
  });

  test('start registers the declared types and no others', async (bed) => {
    bed.start();
    assert.deepEqual(sortByName(bed.registered), sortByName(eventTypes));
  });

  test('disposing takes everything back, twice does no harm, and it can be started again', async (bed) => {
    for (let round = 0; round < 2; round++) {
      const running = bed.start();
      running[Symbol.dispose]();
      running[Symbol.dispose]();
      assert.deepEqual(bed.registered, []);
    }
  });

  test('nothing is armed unheard, and nothing that is requested by a wildcard', async (bed) => {
    bed.start();
    await bed.settle();
    assert.deepEqual(bed.armings, []);
    const listening = bed.registry.listen('**', () => {});
    await bed.settle();
    // A filtered type may have a source; it is closed with its last listener.
    const armed = bed.armings.map(({ payload }) => String(payload['name']));
    assert.deepEqual(armed.filter((name) => requested.some((type) => type.name === name)), []); // prettier-ignore
    listening.unlisten();
    await bed.settle();
    const disarmed = bed.armings.slice(armed.length).map(({ payload }) => String(payload['name']));
    assert.deepEqual(disarmed.toSorted(), armed.toSorted());
  });

  for (const type of requested) {
    const [one, other] = requests[type.name] ?? [{}, undefined];
    test(`${type.name} is armed by its first listener and disarmed with its last`, async (bed) => {
      bed.start();
      const first = await bed.listen(type.name, one);
      if (first === undefined) return; // refused here, with a code
      const second = await bed.listen(type.name, one);
      assert.deepEqual(names(bed.armings), ['registry.armed'], 'two listeners share an arming');
      first.unlisten();
      await bed.settle();
      assert.equal(bed.armings.length, 1, 'it stays armed for the other listener');
      second?.unlisten();
      await bed.settle();
      assert.deepEqual(names(bed.armings), ['registry.armed', 'registry.disarmed']);
      const third = await bed.listen(type.name, one);
      assert.equal(bed.armings.length, third === undefined ? 2 : 3, 'it can be armed again');
    });

    if (other !== undefined) {
      test(`${type.name} is armed for each of two different requests`, async (bed) => {
        bed.start();
        const first = await bed.listen(type.name, one);
        const second = await bed.listen(type.name, other);
        if (first === undefined || second === undefined) return;
        assert.deepEqual(names(bed.armings), ['registry.armed', 'registry.armed']);
        first.unlisten();
        second.unlisten();
        await bed.settle();
        assert.equal(bed.armings.length, 4);
      });
    }

    test(`disposing disarms ${type.name}, though somebody still listens`, async (bed) => {
      const running = bed.start();
      const listening = await bed.listen(type.name, one);
      running[Symbol.dispose]();
      await bed.settle();
      const expected = listening === undefined ? [] : ['registry.armed', 'registry.disarmed'];
      assert.deepEqual(names(bed.armings), expected);
    });

    test(`${type.name} refuses parameters that it does not declare`, async (bed) => {
      bed.start();
      const listen = (): unknown =>
        bed.registry.listen(type.name, () => {}, { request: { ...one, noSuchParameter: 1 } });
      assert.throws(listen, { code: 'EE_REQUEST' });
    });
  }

  for (const [name, request] of Object.entries(refused)) {
    test(`${name} refuses ${JSON.stringify(request)} with a code`, async (bed) => {
      bed.start();
      assert.equal(await bed.listen(name, request), undefined, 'it was armed');
    });
  }
}

function sortByName(types: readonly EventTypeDescriptor[]): EventTypeDescriptor[] {
  return types.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function names(heard: readonly Heard[]): string[] {
  return heard.map((event) => event.name);
}
