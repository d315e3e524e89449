import { basename } from 'node:path';
import { hasNodeName, isNodeProcess, versionFromPath } from './node-binary.ts';
import { parseNodeCommandLine } from './node-command-line.ts';
import { readCommandLine, readComm, readExe } from './proc.ts';

/** What runs in a process, for people. */
export interface ProgramDescription {
  /** File name of the script, or the kernel's name of the process. */
  readonly name: string;
  /** `node 24.21.0`, `node` where the version cannot be told from outside, else the program's name. */
  readonly runtime: string;
}

/** Describes what a process runs, as far as can be told from outside. */
export function describeProgram(
  pid: number,
  exe: string | undefined = readExe(pid).path,
  isNode: boolean = exe !== undefined && isNodeProcess(pid, exe),
): ProgramDescription {
  if (!isNode)
    return { name: readComm(pid), runtime: exe === undefined ? 'native' : basename(exe) };
  const version = versionFromPath(exe ?? '');
  return { name: nameOfNode(pid), runtime: version === undefined ? 'node' : `node ${version}` };
}

function nameOfNode(pid: number): string {
  const words = readCommandLine(pid);
  const { script } = parseNodeCommandLine(words);
  if (script !== undefined && basename(script) !== '') return basename(script);
  // A program that set process.title wrote it over its arguments, as one word.
  const title = (words[0] ?? '').trim();
  return title === '' || hasNodeName(title) ? readComm(pid) : title;
}
