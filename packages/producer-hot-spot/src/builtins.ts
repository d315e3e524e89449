// V8 charges most built-in functions (JSON.parse, Array.prototype.sort) to the line that calls them, without a
// name. What the line says is then the only hint at them.

// Nearly always the dearest thing on their line.
const costlyStatics =
  /\b(JSON\.(?:parse|stringify)|structuredClone|Object\.(?:assign|entries|fromEntries|keys|values|groupBy)|Array\.from|Buffer\.(?:from|concat|alloc|compare)|Intl\.\w+|decodeURIComponent|encodeURIComponent|btoa|atob|BigInt)\s*\(/;
const costlyMethods =
  /\.\s*(sort|toSorted|replace|replaceAll|matchAll|match|test|exec|search|split|localeCompare|toLocaleString|toLocaleUpperCase|toLocaleLowerCase|normalize|toString|join|repeat|format|decode|encode|readFileSync|writeFileSync|inflateSync|deflateSync|gzipSync|gunzipSync|digest|equals)\s*\(/;
// Dear only on long inputs: believed when the thread was found to be deaf to interrupts.
const otherMethods =
  /\.\s*(indexOf|lastIndexOf|includes|concat|slice|splice|fill|reverse|toReversed|copyWithin|flat|flatMap|subarray|set|at|keys|entries|padStart|padEnd|startsWith|trim|codePointAt)\s*\(/;

/** The costly built-in function that this line calls, if it does. */
export function findBuiltinCall(line: string, options: { isDeaf: boolean }): string | undefined {
  const text = line.replace(/\/\/.*$/, '');
  const found = costlyStatics.exec(text)?.[1] ?? costlyMethods.exec(text)?.[1];
  return found ?? (options.isDeaf ? otherMethods.exec(text)?.[1] : undefined);
}

/** Is this the kind of call that takes long whatever it is given? */
export function isAlwaysCostly(name: string): boolean {
  return /^(?:JSON\.|structuredClone|sort$|toSorted$)/.test(name);
}

/** Is this built-in function, as a stack names it (`RegExp.test`), one that may well take the time? */
export function isCostly(name: string): boolean {
  const method = name.slice(name.lastIndexOf('.') + 1);
  return (
    name !== '' &&
    (costlyMethods.test(`.${method}(`) ||
      costlyStatics.test(`${name}(`) ||
      costlyStatics.test(`JSON.${method}(`))
  );
}
