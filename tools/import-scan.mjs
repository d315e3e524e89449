// Finds what a TypeScript or JavaScript source names of other packages. Pure, no parser: comments
// are blanked, then import syntax is matched, and beside it every string that is exactly the name
// of one of our packages (a computed import or a resolved file is an edge as well).

const tokens =
  /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
const blank = (text) => text.replaceAll(/[^\n]/g, ' ');

/** The source with its comments blanked; every other character keeps its place. */
export function withoutComments(source) {
  return source.replaceAll(tokens, (token, string) =>
    string === undefined ? blank(token) : token,
  );
}

const statement =
  /\b(?:import|export)\s+(type\s)?(?:[\w$*{][^'"`;]*?\sfrom\s*|[{*][^'"`;]*?\}\s*from\s*)?(['"])([^'"\n]+)\2/g;
const call =
  /\b(import|require|require\.resolve|import\.meta\.resolve)\s*\(\s*(['"`])([^'"`\n$]+)\2/g;
const own = /(['"`])(@extension-events\/[\w-]+(?:\/[\w./-]+)?)\1/g;

/**
 * Lists what a source imports: `{ specifier, line, how }`, where `how` is `import`, `type` (erased
 * at build time), `dynamic`, `resolve` (only asked for as a file) or `string`.
 */
export function scanImports(source) {
  const code = withoutComments(source);
  const found = new Map();
  const add = (index, specifier, how) => {
    const line = code.slice(0, index).split('\n').length;
    const key = `${line} ${specifier}`;
    if (!found.has(key)) found.set(key, { specifier, line, how });
  };
  for (const match of code.matchAll(statement)) {
    const at = match.index + match[0].length;
    add(at, match[3], match[1] === undefined ? 'import' : 'type');
  }
  for (const match of code.matchAll(call)) {
    const isResolve = match[1].endsWith('resolve');
    add(match.index + match[0].length, match[3], isResolve ? 'resolve' : 'dynamic');
  }
  for (const match of code.matchAll(own)) add(match.index + match[0].length, match[2], 'string');
  return [...found.values()].toSorted((a, b) => a.line - b.line);
}
