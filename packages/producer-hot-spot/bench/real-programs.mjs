// Compares our first event with `node --cpu-prof` on programs that nobody here wrote, both after a warm-up.
//   node bench/real-programs.mjs [--node PATH] [--json] [NAME…]
// Each program runs twice: once with the producer attached after a warm-up, once under --cpu-prof. It agrees
// when the function of our first event is one of the two with the most self time. Programs come from npm
// and are kept in .cache/real-programs.
import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { workloadNames } from './workloads.mjs';

const programs = {
  '@babel/parser': '7.29.14',
  acorn: '8.19.0',
  ajv: '8.20.0',
  ejs: '3.1.10',
  eslint: '9.39.5',
  handlebars: '4.7.10',
  htmlparser2: '9.1.0',
  'js-yaml': '4.3.2',
  lodash: '4.18.1',
  'markdown-it': '14.3.3',
  marked: '15.0.12',
  postcss: '8.5.33',
  prettier: '3.10.1',
  sass: '1.108.2',
  terser: '5.51.2',
  typescript: '5.9.3',
  'uglify-js': '3.19.3',
  zod: '3.25.76',
};
const warmUpMs = 2500;
const patienceMs = 12_000;
const profiledSeconds = 8;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    node: { type: 'string', default: process.execPath },
    json: { type: 'boolean', default: false },
  },
});
const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const root = path('../../..');
const cache = join(root, '.cache', 'real-programs');
const scratch = mkdtempSync(join(tmpdir(), 'real-programs-'));
const workloads = path('workloads.mjs');

function install() {
  mkdirSync(cache, { recursive: true });
  const file = join(cache, 'package.json');
  const wanted = `${JSON.stringify({ private: true, type: 'module', dependencies: programs }, undefined, 2)}\n`;
  if (existsSync(file) && readFileSync(file, 'utf8') === wanted) return;
  writeFileSync(file, wanted);
  execFileSync(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'],
    { cwd: cache, stdio: ['ignore', 'ignore', 'inherit'] },
  );
}

async function buildHost() {
  const outfile = join(scratch, 'host.mjs');
  await build({
    entryPoints: [path('../fixtures/host.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    conditions: ['@extension-events/source'],
    logLevel: 'error',
  });
  return outfile;
}

/** Our first event: a hot spot, else the candidate. */
function firstEvent(name, host) {
  const listens = [
    { name: 'hot-spot', request: {} },
    { name: 'hot-spot.candidate', request: {} },
  ];
  const child = spawn(
    values.node,
    ['--import', path('../fixtures/preload.mjs'), workloads, name, cache, '600'],
    {
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
      env: { HOT_SPOT_HOST: host, HOT_SPOT_OPTIONS: JSON.stringify({ warmUpMs, listens }) },
    },
  );
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), warmUpMs + patienceMs);
    let first;
    createInterface({ input: child.stdio[3] }).on('line', (line) => {
      const said = JSON.parse(line);
      if (said.payload === undefined || first !== undefined) return;
      first = said;
      child.kill('SIGKILL');
    });
    child.on('close', () => {
      clearTimeout(timer);
      resolve(first);
    });
  });
}

const isNativeFrame = ({ url, scriptId }) => url === '' && `${scriptId}` === '0';

/** The function of the program that calls for the native code. */
const callerOf = (node) => {
  let at = node;
  while (at?.parent && (isNativeFrame(at.callFrame) || at.callFrame.url.startsWith('node:')))
    at = at.parent;
  return at;
};

/** Functions by self time. */
function profile(name) {
  const directory = join(scratch, name);
  execFileSync(
    values.node,
    ['--cpu-prof', `--cpu-prof-dir=${directory}`, workloads, name, cache, `${profiledSeconds}`],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const [file] = readdirSync(directory);
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(join(directory, file), 'utf8'));
  rmSync(directory, { recursive: true });
  const byId = new Map(nodes.map((node) => [node.id, node]));
  for (const node of nodes) for (const id of node.children ?? []) byId.get(id).parent = node;
  const functions = new Map();
  let busy = 0;
  let us = 0;
  for (const [index, id] of samples.entries()) {
    us += timeDeltas[index];
    if (us < warmUpMs * 1000) continue; // loading and compiling; we attach later too
    const node = byId.get(id);
    if (node.callFrame.functionName === '(idle)') continue;
    busy++;
    if (/^\((?:program|root|garbage collector)\)$/.test(node.callFrame.functionName)) continue;
    // As in our events: native code counts for the line of the program that calls it.
    const { functionName, url, lineNumber, columnNumber } = (
      isNativeFrame(node.callFrame) ? callerOf(node) : node
    ).callFrame;
    const key = `${functionName}|${url}|${lineNumber}|${columnNumber}`;
    let entry = functions.get(key);
    if (entry === undefined) {
      const place = { url, line: lineNumber + 1, column: columnNumber + 1 };
      functions.set(key, (entry = { name: functionName || '(anonymous)', ...place, hits: 0 }));
    }
    entry.hits++;
  }
  return [...functions.values()]
    .map((each) => ({ ...each, share: each.hits / busy }))
    .toSorted((a, b) => b.hits - a.hits);
}

const isSame = (payload, each) =>
  payload.scriptUrl === each.url &&
  payload.functionLine === Math.max(1, each.line) &&
  Math.abs(payload.functionColumn - each.column) < 40;

const show = (each) => each && `${each.name.slice(0, 30)} ${(each.share * 100).toFixed(1)}%`;

install();
const host = await buildHost();
const rows = [];
for (const name of positionals.length > 0 ? positionals : workloadNames) {
  const said = await firstEvent(name, host);
  const top = profile(name);
  const rank = said === undefined ? 0 : top.findIndex((each) => isSame(said.payload, each)) + 1;
  const row = {
    program: name,
    event: said?.name ?? 'none',
    function: said?.payload.function,
    native: said?.payload.native,
    line: said && `${said.payload.url.split('/').at(-1)}:${said.payload.line}`,
    share: said && `${(said.payload.share * 100).toFixed(1)}%`,
    afterMs: said && Math.round(said.sinceArmedMs + said.lateMs),
    lateMs: said && Math.round(said.lateMs),
    first: show(top[0]),
    second: show(top[1]),
    third: show(top[2]),
    rank,
    agrees: rank === 1 || rank === 2,
  };
  rows.push(row);
  if (values.json) process.stdout.write(`${JSON.stringify(row)}\n`);
  else {
    const what = `${row.function}${row.native ? ` [${row.native}]` : ''} ${row.line} ${row.share}`;
    console.log(
      `${row.agrees ? 'yes' : 'NO '}  ${name.padEnd(17)} ${row.event.padEnd(18)} after ${String(row.afterMs).padStart(5)} ms  ${what.padEnd(50)} | ${row.first}, ${row.second}, ${row.third}`,
    );
  }
}
const agreeing = rows.filter((row) => row.agrees).length;
if (!values.json)
  console.log(
    `${agreeing} of ${rows.length} programs agree with the top two of --cpu-prof (Node ${execFileSync(values.node, ['-v'], { encoding: 'utf8' }).trim()})`,
  );
rmSync(scratch, { recursive: true });
