import { isOwnUrl } from '@extension-events/platform-v8';

/** What a script is to the user. */
export type ScriptOwner = 'user' | 'dependency' | 'node' | 'ours';

/** Tells user code from the rest. */
export class UserCode {
  #root = '/';
  #skips: RegExp[] = [];

  /** @param root - directory of the package that the process's entry script belongs to */
  setRoot(root: string): void {
    this.#root = root.endsWith('/') ? root : `${root}/`;
  }

  /** Urls that match are not user code either; `*` stands for anything. */
  skip(patterns: readonly string[]): void {
    this.#skips = patterns.map(
      (pattern) => new RegExp(`^${pattern.split('*').map(escape).join('.*')}$`),
    );
  }

  ownerOf(url: string): ScriptOwner {
    if (isOwnUrl(url)) return 'ours';
    if (url.startsWith('node:')) return 'node';
    if (this.#skips.some((skip) => skip.test(url))) return 'dependency';
    return this.#isDependency(toPath(url)) ? 'dependency' : 'user';
  }

  // What the entry script's own package is called by its path does not count: a program that was
  // installed is user code. Its dependencies may be beside it, or, in a workspace, far above.
  #isDependency(path: string): boolean {
    const inside = path.startsWith(this.#root) ? path.slice(this.#root.length - 1) : path;
    return inside.includes('/node_modules/');
  }
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.+?()|[\]{}]/g, String.raw`\$&`);
}

function toPath(url: string): string {
  if (!url.startsWith('file://')) return url;
  try {
    return decodeURIComponent(new URL(url).pathname);
  } catch {
    return url;
  }
}
