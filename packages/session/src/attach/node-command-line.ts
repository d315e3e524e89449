// Node's own command line, read from outside: which options it was given and which script it runs.
// Only a view: the program may have changed process.title (which overwrites the arguments) or
// process.debugPort since.

/** A command line of Node, taken apart. */
export interface NodeCommandLine {
  /** Options of Node itself, from NODE_OPTIONS first, then from the command line; later ones win. */
  readonly options: readonly string[];
  /** The script, `undefined` with -e, -p, on stdin or when the title was overwritten. */
  readonly script: string | undefined;
}

/** Options whose value may stand in the next argument; `node --help` and `node --v8-options`. */
const takesValue = new Set(
  `-r --require --import --loader --experimental-loader -C --conditions -e --eval -p --print
  --env-file --env-file-if-exists --title --inspect-port --debug-port --inspect-publish-uid
  --input-type --icu-data-dir --max-http-header-size --dns-result-order --diagnostic-dir
  --redirect-warnings --trace-event-categories --trace-event-file-pattern --unhandled-rejections
  --openssl-config --tls-cipher-list --tls-keylog --secure-heap --watch-path --report-dir
  --report-directory --report-filename --report-signal --localstorage-file --heapsnapshot-signal
  --heapsnapshot-near-heap-limit --disable-warning --run --cpu-prof-dir --cpu-prof-name
  --cpu-prof-interval --heap-prof-dir --allow-fs-read --allow-fs-write --experimental-config-file
  --snapshot-blob`.split(/\s+/),
);
const inlineCode = new Set(['-e', '--eval', '-p', '--print', '-pe']);

/** Takes apart the arguments (the first is the program) and the value of NODE_OPTIONS. */
export function parseNodeCommandLine(argv: readonly string[], nodeOptions = ''): NodeCommandLine {
  const options = splitNodeOptions(nodeOptions);
  let script: string | undefined;
  let isInline = false;
  for (let index = 1; index < argv.length; index++) {
    const argument = argv[index] ?? '';
    if (argument === '--' || !argument.startsWith('-') || argument === '-') {
      const candidate = argument === '--' ? argv[index + 1] : argument;
      if (!isInline && candidate !== '-') script = candidate;
      break;
    }
    if (inlineCode.has(argument)) isInline = true;
    const value = takesValue.has(argument) ? argv[index + 1] : undefined;
    if (value === undefined) options.push(argument);
    else {
      options.push(`${argument}=${value}`);
      index++;
    }
  }
  return { options, script };
}

/** Splits NODE_OPTIONS as Node does: at spaces, with double quotes and backslashes inside them. */
export function splitNodeOptions(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let isQuoted = false;
  for (let index = 0; index < text.length; index++) {
    let char = text[index] ?? '';
    if (char === '"') {
      isQuoted = !isQuoted;
      word ??= '';
      continue;
    }
    if (char === ' ' && !isQuoted) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    if (char === '\\' && isQuoted) char = text[++index] ?? '';
    word = (word ?? '') + char;
  }
  if (word !== undefined) words.push(word);
  return joinValues(words);
}

function joinValues(words: readonly string[]): string[] {
  const options: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const value = takesValue.has(word) ? words[++index] : undefined;
    options.push(value === undefined ? word : `${word}=${value}`);
  }
  return options;
}
