import { isOwnUrl } from '@extension-events/platform-v8';

/** What a script is to the user. */
export type ScriptOwner = 'user' | 'dependency' | 'node' | 'ours';

/** Tells user code from the rest. */
export class UserCode {
  #dependencies = '/node_modules/';
  #skips: RegExp[] = [];

  /** @param root - directory of the package that the process's entry script belongs to */
  setRoot(root: string): void {
    this.#dependencies = `${root === '/' ? '' : root}/node_modules/`;
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
    return toPath(url).startsWith(this.#dependencies) ? 'dependency' : 'user';
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
