// Programs that nobody here wrote, doing what they are made for, again and again.
// Run as: node workloads.mjs NAME DIRECTORY SECONDS; DIRECTORY holds node_modules with the programs.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** name → prepares the input and returns one unit of work. */
const workloads = {
  /** Needs no program: steadier than all others, for the overhead bench. */
  async spin() {
    const dive = (depth, count) => {
      if (depth > 0) return dive(depth - 1, count) + 1;
      let sum = 0;
      for (let i = 0; i < count; i++) sum = (sum * 31 + i) | 0;
      return sum;
    };
    return () => dive(20, 1e6);
  },
  async acorn({ load, text }) {
    const { parse } = await load('acorn');
    const source = text('lodash/lodash.js');
    return () => parse(source, { ecmaVersion: 'latest' });
  },
  async 'babel-parser'({ load, text }) {
    const { parse } = await load('@babel/parser');
    const source = text('lodash/lodash.js');
    return () => parse(source, { sourceType: 'script' });
  },
  async prettier({ load, text }) {
    const { format } = await load('prettier');
    const source = text('marked/lib/marked.esm.js');
    return () => format(source, { parser: 'babel' });
  },
  async handlebars({ load }) {
    const Handlebars = await load('handlebars');
    const template = Handlebars.compile(
      '<ul>{{#each rows}}<li class="{{kind}}">{{@index}}: {{name}} {{#if big}}big{{else}}small{{/if}} {{#with more}}{{text}}{{/with}}</li>{{/each}}</ul>',
    );
    const rows = Array.from({ length: 2000 }, (_, i) => ({
      kind: `k${i % 7}`,
      name: `<row & ${i}>`,
      big: i % 3 === 0,
      more: { text: `it's "${i}"` },
    }));
    return () => template({ rows });
  },
  async ejs({ load }) {
    const ejs = await load('ejs');
    const source =
      '<table><% for (const row of rows) { %><tr><td><%= row.name %></td><td><%= row.text %></td><td><%- row.kind %></td></tr><% } %></table>';
    const rows = Array.from({ length: 500 }, (_, i) => ({
      kind: `k${i % 7}`,
      name: `<row & ${i}>`,
      text: `it's "${i}"`,
    }));
    const render = ejs.compile(source);
    return () => render({ rows });
  },
  async ajv({ load }) {
    const { Ajv } = await load('ajv');
    const item = {
      type: 'object',
      required: ['id', 'name', 'tags'],
      additionalProperties: false,
      properties: {
        id: { type: 'integer', minimum: 0 },
        name: { type: 'string', minLength: 1, maxLength: 40, pattern: '^[a-z]+ [0-9]+$' },
        tags: { type: 'array', items: { enum: ['red', 'green', 'blue'] }, uniqueItems: true },
        nested: { type: 'object', patternProperties: { '^k': { type: 'number' } } },
      },
    };
    const validate = new Ajv().compile({ type: 'array', items: item });
    const data = Array.from({ length: 2000 }, (_, i) => ({
      id: i,
      name: `item ${i}`,
      tags: ['red', 'green', 'blue'],
      nested: { k1: i, k2: i * 2 },
    }));
    return () => {
      if (!validate(data)) throw new Error('not valid');
    };
  },
  async zod({ load }) {
    const { z } = await load('zod');
    const schema = z.array(
      z.object({
        id: z.number().int().nonnegative(),
        name: z.string().min(1).max(40),
        tags: z.array(z.enum(['red', 'green', 'blue'])),
        at: z.union([z.string(), z.number()]).optional(),
      }),
    );
    const data = Array.from({ length: 1000 }, (_, i) => ({
      id: i,
      name: `item ${i}`,
      tags: ['red', 'green', 'blue'],
      at: i % 2 === 0 ? i : `${i}`,
    }));
    return () => schema.parse(data);
  },
  async typescript({ load, text }) {
    const ts = await load('typescript');
    const source = text('typescript/lib/lib.dom.d.ts');
    return () => ts.createSourceFile('lib.ts', source, ts.ScriptTarget.Latest, true);
  },
  async 'typescript-transpile'({ load, text }) {
    const ts = await load('typescript');
    const source = text('zod/src/v3/types.ts');
    return () =>
      ts.transpile(source, { target: ts.ScriptTarget.ES2015, module: ts.ModuleKind.CommonJS });
  },
  async terser({ load, text }) {
    const { minify } = await load('terser');
    const source = text('marked/lib/marked.esm.js');
    return () => minify(source, { module: true });
  },
  async 'uglify-js'({ load, text }) {
    const { minify } = await load('uglify-js');
    const source = text('ejs/ejs.js');
    return () => minify(source);
  },
  async sass({ load }) {
    const sass = await load('sass');
    const source = `@use "sass:math"; @use "sass:color";
@for $i from 1 through 200 { .col-#{$i} { width: math.percentage(math.div($i, 200)); color: color.mix(red, blue, math.percentage(math.div($i, 200)));
  &:hover { .inner, .other > p { margin: $i * 1px; } } } }`;
    return () => sass.compileString(source);
  },
  async 'markdown-it'({ load, text }) {
    const MarkdownIt = await load('markdown-it');
    const source =
      text('ajv/README.md') + text('markdown-it/README.md') + text('js-yaml/README.md');
    const md = new MarkdownIt({ html: true, linkify: true, typographer: true });
    return () => md.render(source);
  },
  async marked({ load, text }) {
    const { marked } = await load('marked');
    const source =
      text('ajv/README.md') + text('markdown-it/README.md') + text('js-yaml/README.md');
    return () => marked.parse(source);
  },
  async 'js-yaml'({ load }) {
    const yaml = await load('js-yaml');
    const source = yaml.dump(
      Array.from({ length: 500 }, (_, i) => ({
        id: i,
        name: `item ${i}`,
        text: 'some longer text: with a colon\nand a second line',
        list: [1, 2.5, true, null, 'x'],
      })),
    );
    return () => yaml.load(source);
  },
  async postcss({ load }) {
    const postcss = await load('postcss');
    const source = Array.from(
      { length: 2000 },
      (_, i) => `.a${i} > .b:hover { color: rgb(1, 2, ${i % 255}); margin: 0 ${i}px /* why */; }`,
    ).join('\n');
    return () => postcss.parse(source).toString();
  },
  async htmlparser2({ load }) {
    const { parseDocument } = await load('htmlparser2');
    const source = Array.from(
      { length: 2000 },
      (_, i) =>
        `<div class="a b${i}" id=x${i}><p>some &amp; text ${i}<br><img src='y.png'></p></div>`,
    ).join('\n');
    return () => parseDocument(source);
  },
  async eslint({ load, text }) {
    const { Linter } = await load('eslint');
    const source = text('ejs/lib/ejs.js');
    const linter = new Linter();
    const rules = {
      'no-unused-vars': 2,
      'no-undef': 2,
      indent: [2, 2],
      semi: 2,
      quotes: 2,
      eqeqeq: 2,
    };
    return () => linter.verify(source, [{ rules }]).length;
  },
};

export const workloadNames = Object.keys(workloads).filter((name) => name !== 'spin');

async function run(name, directory, seconds) {
  const require = createRequire(join(directory, 'index.js'));
  const path = (file) => join(directory, 'node_modules', file);
  const work = await workloads[name]({
    path,
    text: (file) => readFileSync(path(file), 'utf8'),
    load: async (id) => {
      const module = await import(pathToFileURL(require.resolve(id)).href);
      return module.default === undefined || Object.keys(module).length > 2
        ? module
        : module.default;
    },
  });
  let units = 0;
  const start = performance.now();
  const stopAt = start + seconds * 1000;
  while (performance.now() < stopAt) {
    await work();
    units++;
    globalThis.workloadUnits = units; // read by the overhead bench
    // A macrotask between two units, as in any server.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const ms = performance.now() - start;
  process.stdout.write(`${JSON.stringify({ name, units, msPerUnit: ms / units })}\n`);
  process.exit();
}

if (import.meta.filename === process.argv[1] || process.argv[1]?.endsWith('/workloads.mjs')) {
  await run(process.argv[2], process.argv[3], Number(process.argv[4]));
}
