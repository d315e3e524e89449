// A reporter for vitest: names every test that was skipped, with the reason it gave, every test that
// passed only when it was tried again, and errors that belong to no test. The json reporter leaves
// all of them out.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export default class NotesReporter {
  #file;

  constructor({ outputFile }) {
    this.#file = outputFile;
  }

  onTestRunEnd(modules, errors = []) {
    const skipped = [];
    const retried = [];
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        skipped.push({ name: test.fullName, reason: test.result().note ?? '' });
      }
      for (const test of module.children.allTests('passed')) {
        if (test.diagnostic()?.flaky !== true) continue;
        const [error] = test.result().errors ?? [];
        retried.push({ name: test.fullName, reason: error?.message ?? '' });
      }
    }
    mkdirSync(dirname(this.#file), { recursive: true });
    const unhandled = errors.map(({ cause, message }) => cause?.message ?? message);
    writeFileSync(this.#file, JSON.stringify({ skipped, retried, unhandled }, undefined, 2));
  }
}
