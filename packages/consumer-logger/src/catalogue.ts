import { Subscription } from 'rxjs';
import type { EventTypeDescriptor } from '@extension-events/core';
import type { Session, TargetConnection } from '@extension-events/session';
import { BoundedMap } from './bounded-map.ts';
import type { Names } from './format.ts';

const mostProcesses = 1024;
const mostNames = 4096;

interface Known {
  name: string | undefined;
  readonly threads: BoundedMap<number, string>;
  readonly types: BoundedMap<string, EventTypeDescriptor>;
}

/**
 * Names of processes and threads and descriptions of events, as the session tells them. They are
 * kept when their process has ended: its last events come after that.
 */
export class Catalogue implements Names, Disposable {
  readonly #known: BoundedMap<number, Known> = new BoundedMap(mostProcesses);
  /** As they look from outside; their agents know better. */
  readonly #names: BoundedMap<number, string> = new BoundedMap(mostNames);
  readonly #subscription: Subscription = new Subscription();
  readonly #followed: WeakSet<TargetConnection> = new WeakSet();

  constructor(session: Pick<Session, 'targets$' | 'processes$'>) {
    this.#subscription.add(
      session.processes$.subscribe((processes) => {
        for (const { name, pid } of processes) this.#names.set(pid, name);
      }),
    );
    this.#subscription.add(
      session.targets$.subscribe((targets) => {
        for (const target of targets) this.#follow(target);
      }),
    );
  }

  #follow(target: TargetConnection): void {
    if (this.#followed.has(target)) return;
    this.#followed.add(target);
    const known = this.#of(target.pid);
    const { hello } = target;
    if (hello.role === 'agent') known.name = hello.name;
    this.#subscription.add(
      target.threads$.subscribe((threads) => {
        for (const { name, tid } of threads) known.threads.set(tid, name);
      }),
    );
    this.#subscription.add(
      target.eventTypes$.subscribe((types) => {
        for (const { descriptor } of types) known.types.set(descriptor.name, descriptor);
      }),
    );
  }

  #of(pid: number): Known {
    return this.#known.getOrMake(pid, () => ({
      name: undefined,
      threads: new BoundedMap(mostNames),
      types: new BoundedMap(mostNames),
    }));
  }

  processName(pid: number): string | undefined {
    return this.#known.get(pid)?.name ?? this.#names.get(pid);
  }

  threadName(pid: number, tid: number): string | undefined {
    return this.#known.get(pid)?.threads.get(tid);
  }

  descriptor(pid: number, event: string): EventTypeDescriptor | undefined {
    return this.#known.get(pid)?.types.get(event);
  }

  [Symbol.dispose](): void {
    this.#subscription.unsubscribe();
  }
}
