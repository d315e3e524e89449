import { Subscription } from 'rxjs';
import type { EventTypeDescriptor } from '@extension-events/core';
import type { Session, TargetConnection } from '@extension-events/session';

/** Names of processes and threads, as far as they are known; of ended ones the last that was seen. */
export class Names implements Disposable {
  readonly #targets: Map<number, TargetConnection> = new Map();
  readonly #processes: Map<number, string> = new Map();
  readonly #following: Subscription = new Subscription();

  constructor(session: Session) {
    const targets = session.targets$.subscribe((connected) => {
      this.#targets.clear();
      for (const target of connected) {
        this.#targets.set(target.pid, target);
        this.#remember(target.pid, target.hello.name);
      }
    });
    const processes = session.processes$.subscribe((listed) => {
      for (const { pid, name } of listed) if (!this.#targets.has(pid)) this.#remember(pid, name);
    });
    this.#following.add(targets);
    this.#following.add(processes);
  }

  #remember(pid: number, name: string): void {
    this.#processes.delete(pid);
    this.#processes.set(pid, name);
    const [oldest] = this.#processes.keys();
    if (this.#processes.size > 4096 && oldest !== undefined) this.#processes.delete(oldest);
  }

  process(pid: number): string {
    return this.#processes.get(pid) ?? String(pid);
  }

  /** The thread's name, or its number. */
  thread(pid: number, tid: number): string {
    const found = this.#targets.get(pid)?.threads.find((thread) => thread.tid === tid);
    return found === undefined || found.name === '' ? String(tid) : found.name;
  }

  /** What is registered under this name, in whichever processes. */
  descriptorsOf(event: string): EventTypeDescriptor[] {
    return Array.from(this.#targets.values(), ({ eventTypes }) => eventTypes)
      .flat()
      .map(({ descriptor }) => descriptor)
      .filter(({ name }) => name === event);
  }

  [Symbol.dispose](): void {
    this.#following.unsubscribe();
  }
}
