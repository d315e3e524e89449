// Plays gdb from a script: `node fake-gdb.mjs SCRIPT.json`, then gdb's own options, which it ignores.
// The script is a list of `{ on, say, exit? }`: the first whose pattern matches the command answers,
// with `$1` for the command's token and `@TOKEN` in its own lines; one that `once` is used up.
import { appendFileSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const { rules, log } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const write = (lines, token) => {
  for (const line of lines) process.stdout.write(`${line.replaceAll('@TOKEN', token)}\n`);
};
write(['=thread-group-added,id="i1"', '(gdb)'], '');
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [, token, command] = /^(\d*)(.*)$/.exec(line);
    appendFileSync(log, `${command}\n`);
    const index = rules.findIndex(({ on }) => new RegExp(on).test(command));
    const rule = rules[index];
    if (rule?.once === true) rules.splice(index, 1);
    if (rule?.exit !== undefined) process.exit(rule.exit);
    if (rule?.silent === true) return;
    write(rule?.say ?? ['@TOKEN^done'], token);
    process.stdout.write('(gdb) \n');
  })
  .on('close', () => process.exit(0));
