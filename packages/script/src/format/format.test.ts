import { expect, it } from 'vitest';
import { formatProgram } from './format.ts';

const inProbe = (...lines: string[]): string => ['probe a {', ...lines.map((line) => `  ${line}`), '}', ''].join('\n'); // prettier-ignore

it.each([
  [
    'if (x) print("1"); else if (y) print("2"); else print("3"); n++;',
    inProbe('if (x) print("1");', 'else if (y) print("2");', 'else print("3");', 'n++;'),
  ],
  [
    'if (x) { print("1"); n++; } else\n\n if (y) { n--; m++ } else print("3");',
    inProbe('if (x) {', '  print("1");', '  n++;', '} else if (y) {', '  n--;', '  m++;', '} else print("3");'), // prettier-ignore
  ],
  ['if (x) n++; else while (y) n--; m++;', inProbe('if (x) n++;', 'else while (y) n--;', 'm++;')],
  [
    'if (x) n++; else // not so\n if (y) n--; m++;',
    inProbe('if (x) n++;', 'else // not so', '  if (y) n--;', 'm++;'),
  ],
])('lays out the arms of an if: %s', (text, expected) => {
  const formatted = formatProgram(`probe a { ${text} }`);
  expect(formatted).toBe(expected);
  expect(formatProgram(formatted)).toBe(expected);
});
