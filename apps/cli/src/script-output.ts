import type { RunEnd } from '@extension-events/script';
import { flushLines, print, say, toJson } from './output.ts';
import { makePrintable } from './printable.ts';
import { shapeVersion } from './shapes.ts';
import type { RunOutput } from './script-run.ts';

/** What a script prints, on standard output: as it is, or as one JSON object for each `printf`. */
export class ScriptOutput implements RunOutput {
  readonly #isJson: boolean;
  #lost = 0;

  constructor(isJson: boolean) {
    this.#isJson = isJson;
  }

  text(text: string): void {
    if (this.#isJson) print(toJson({ v: shapeVersion, output: text }));
    else {
      flushLines();
      process.stdout.write(withoutControls(text));
    }
  }

  lost(count: number): void {
    this.#lost += count;
    say(`${count} lines that were printed here are lost`);
  }

  end({ error, missingShares, skippedTicks, why }: RunEnd): void {
    if (!this.#isJson) return;
    print(toJson({ v: shapeVersion, end: { why, lost: this.#lost, skippedTicks, missingShares, error: error ?? null } })); // prettier-ignore
  }
}

// Payloads come from the traced program: they may not move the cursor. Line ends and tabs are the script's.
function withoutControls(text: string): string {
  return text.split(/(\r?\n|\t)/).map((part, index) => (index % 2 === 1 ? part : makePrintable(part))).join(''); // prettier-ignore
}
