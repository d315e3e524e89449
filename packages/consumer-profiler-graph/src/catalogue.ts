import { exhaustMap, from, map, type Observable, of, switchMap, timer } from 'rxjs';
import {
  type EventTypeDescriptor,
  type FieldDescriptor,
  monotonicNs,
  type RequestParameter,
} from '@extension-events/core';
import type { Session, TargetConnection, TypeInfo } from '@extension-events/session';
import type { CatalogueEntry } from './graph-types.ts';

const lookMs = 1000;

interface Counted {
  readonly heard: number;
  readonly atNs: number;
}

/** The name space of a session, each name once, and how often its events are posted. */
export class Catalogue {
  readonly #session: Session;
  readonly #lostOf: (event: string) => number;

  /** @param lostOf - what sources of this very name have lost */
  constructor(session: Session, lostOf: (event: string) => number) {
    this.#session = session;
    this.#lostOf = lostOf;
  }

  /** At each change and each second; counts are asked for while it is subscribed. */
  get entries$(): Observable<readonly CatalogueEntry[]> {
    const rates = new Rates();
    return this.#session.targets$.pipe(
      switchMap((targets) =>
        targets.length === 0
          ? of([])
          : timer(0, lookMs).pipe(exhaustMap(() => from(look(targets, rates)))),
      ),
      map((found) => this.#merge(found)),
    );
  }

  #merge(found: readonly Found[]): CatalogueEntry[] {
    const byName = new Map<string, Found[]>();
    for (const one of found) {
      const { name } = one.info.descriptor;
      byName.set(name, [...(byName.get(name) ?? []), one]);
    }
    return [...byName.values()]
      .map((all) => describe(all, this.#lostOf))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }
}

interface Found {
  readonly pid: number;
  readonly info: TypeInfo;
  readonly perSecond: number | undefined;
}

async function look(targets: readonly TargetConnection[], rates: Rates): Promise<Found[]> {
  const found = await Promise.all(
    targets.map(async (target) => {
      // A process that stands does not answer: what was known of it stays.
      const types = await Promise.race([
        target.refreshEventTypes().catch(() => target.eventTypes),
        new Promise<readonly TypeInfo[]>((resolve) => {
          setTimeout(() => resolve(target.eventTypes), lookMs).unref();
        }),
      ]);
      const atNs = monotonicNs();
      return types.map((info) => ({ pid: target.pid, info, perSecond: rates.of(target, info, atNs) })); // prettier-ignore
    }),
  );
  rates.forget(targets);
  return found.flat();
}

/** How fast the counts of types grow. */
class Rates {
  readonly #before: Map<TargetConnection, Map<string, Counted>> = new Map();

  of(
    target: TargetConnection,
    { descriptor, heard, listeners }: TypeInfo,
    atNs: number,
  ): number | undefined {
    // prettier-ignore
    const ofTarget = this.#before.get(target) ?? new Map<string, Counted>();
    this.#before.set(target, ofTarget);
    const before = ofTarget.get(descriptor.name);
    ofTarget.set(descriptor.name, { heard, atNs });
    if (listeners === 0) return undefined;
    if (before === undefined || atNs <= before.atNs) return undefined;
    // A thread that ends takes its counts with it.
    return Math.max(0, ((heard - before.heard) * 1e9) / (atNs - before.atNs));
  }

  forget(targets: readonly TargetConnection[]): void {
    for (const target of this.#before.keys())
      if (!targets.includes(target)) this.#before.delete(target);
  }
}

function describe(all: readonly Found[], lostOf: (event: string) => number): CatalogueEntry {
  const descriptor = all[0]?.info.descriptor as EventTypeDescriptor;
  const rates = all.flatMap(({ perSecond }) => perSecond ?? []);
  const { description, fields, kind, name, producer, request = {} } = descriptor;
  return {
    name,
    kind,
    description,
    ...(producer !== undefined && { producer }),
    fields: Object.entries(fields).map(aboutField),
    request: Object.entries(request).map(aboutParameter),
    pids: all.map(({ pid }) => pid),
    listeners: all.reduce((sum, { info }) => sum + info.listeners, 0),
    ...(rates.length > 0 && { perSecond: rates.reduce((sum, rate) => sum + rate, 0) }),
    heard: all.reduce((sum, { info }) => sum + info.heard, 0),
    lost: lostOf(name),
    hasStack: Object.values(fields).some(({ type }) => type === 'stack'),
  };
}

type Named<T> = readonly [name: string, descriptor: T];

function aboutField([name, field]: Named<FieldDescriptor>): CatalogueEntry['fields'][number] {
  const { base } = field;
  return {
    name,
    ...about(field),
    ...(base !== undefined && { base }),
    ...(field.detail === true && { detail: true }),
  };
}

function aboutParameter([
  name,
  parameter,
]: Named<RequestParameter>): CatalogueEntry['request'][number] {
  // prettier-ignore
  const { default: usual, max, min, oneOf } = parameter;
  return {
    name,
    ...about(parameter),
    ...(usual !== undefined && { default: usual }),
    ...(oneOf !== undefined && { oneOf }),
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
  };
}

function about({ description, type, unit }: FieldDescriptor): {
  readonly type: string;
  readonly unit?: string;
  readonly description?: string;
} {
  // prettier-ignore
  return {
    type,
    ...(unit !== undefined && { unit }),
    ...(description !== undefined && { description }),
  };
}
