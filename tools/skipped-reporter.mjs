// A reporter for vitest: names every test that was skipped, with the reason it gave. The json
// reporter leaves the reasons out.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export default class SkippedReporter {
  #file;

  constructor({ outputFile }) {
    this.#file = outputFile;
  }

  onTestRunEnd(modules) {
    const skipped = [];
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        skipped.push({ name: test.fullName, reason: test.result().note ?? '' });
      }
    }
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(this.#file, JSON.stringify(skipped, undefined, 2));
  }
}
