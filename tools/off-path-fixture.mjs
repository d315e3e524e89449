// The program whose machine code off-path.mjs reads; started by off-path-run.mjs, which makes V8
// write the optimized code of every function named bench* to the file given as argument.
//
// It posts through the built core as a library author would: the handle in a module-level const.
// benchCold* run in a process that never heard an event; benchWarm* are compiled after a listener
// came and went, when V8 knows the slow path as well.
import { existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { listen, registerEventType } from '../packages/core/dist/index.js';
import { findCode } from './code-listing.mjs';
import { analyseOffPath } from './off-path.mjs';

const [, , listing = ''] = process.argv;

const type = registerEventType({
  name: 'bench.off',
  kind: 'filtered',
  description: 'Posted in a tight loop to see what an unheard post costs.',
  fields: { value: { type: 'u32' } },
});
const constantPayload = { value: 13 };

const cold = {
  benchColdLiteral(value) {
    type.post({ value });
    return (value + 1) >>> 0;
  },
  benchColdConstant(value) {
    type.post(constantPayload);
    return (value + 1) >>> 0;
  },
  benchColdGuarded(value) {
    if (type.hasListeners) type.post({ value });
    return (value + 1) >>> 0;
  },
  benchColdLoop(value) {
    let sum = 0;
    for (let i = 0; i < 50; i += 1) {
      sum = (sum + i) | 0;
      type.post({ value: i });
    }
    return (value + sum) >>> 0;
  },
};
const warm = {
  benchWarmLiteral(value) {
    type.post({ value });
    return (value + 1) >>> 0;
  },
  benchWarmConstant(value) {
    type.post(constantPayload);
    return (value + 1) >>> 0;
  },
  benchWarmGuarded(value) {
    if (type.hasListeners) type.post({ value });
    return (value + 1) >>> 0;
  },
};

const readListing = () => (existsSync(listing) ? readFileSync(listing, 'utf8') : '');

/** Calls a function until V8 has printed optimized code for it. */
function optimize(name, post) {
  for (let round = 0; round < 300; round += 1) {
    let value = 0;
    for (let i = 0; i < 20_000; i += 1) value = post(value);
    const code = findCode(readListing(), name);
    if (code) return code;
  }
  throw new Error(`V8 did not optimize ${name} in 300 rounds`);
}

const memory = openSync('/proc/self/mem', 'r');
/** The 32-bit word at an address of this process: what the loads in the machine code will read. */
function readWord(address) {
  const word = Buffer.alloc(4);
  readSync(memory, word, 0, 4, address);
  return word.readUInt32LE(0);
}

const posts = [];
for (const [name, post] of Object.entries(cold)) {
  // A loop may be unrolled; then every copy has to keep the promise.
  const check = name === 'benchColdLoop' ? 'every' : 'one';
  posts.push(analyseOffPath(optimize(name, post), { check }));
}
const { address } = posts[0].sites[0];
const unheard = readWord(address);
const heard = await hear();
for (const [name, post] of Object.entries(warm)) {
  posts.push(analyseOffPath(optimize(name, post), { check: 'first', address }));
}
console.log(JSON.stringify({ node: process.version, posts, words: { unheard, heard } }));

/** Posts with a listener, so that V8 learns the slow path, and returns the flag word meanwhile. */
async function hear() {
  const listening = listen('bench.off', () => {});
  const word = readWord(address);
  for (let i = 0; i < 2000; i += 1) {
    type.post({ value: i });
    // Local listeners run when the posting job has unwound.
    if (i % 100 === 0) await Promise.resolve();
  }
  listening.unlisten();
  return word;
}
