// The shortest way through a piece of optimized code, from its entry to its return: what is executed
// when every check passes and nothing slow is entered. Pure: instructions in, instructions out.

const isCall = ({ mnemonic }) => mnemonic.startsWith('call');
const isReturn = ({ mnemonic }) => mnemonic.startsWith('ret');
const isEnd = ({ mnemonic }) => mnemonic.startsWith('int3') || mnemonic.startsWith('ud2');
const isNop = ({ mnemonic }) => mnemonic === 'nop';

/**
 * Finds it by breadth, so that the first return reached is the nearest. Ways that end in a
 * deoptimization reach none.
 *
 * @param calls - how many calls it has to make
 * @returns the instructions on it, without padding
 * @throws Error when there is none
 */
export function findShortestPath({ name, instructions }, calls) {
  const index = new Map(instructions.map(({ offset }, at) => [offset, at]));
  const reached = new Map([['0/0', undefined]]);
  let frontier = [[0, 0]];
  while (frontier.length > 0) {
    const next = [];
    for (const [at, made] of frontier) {
      const instruction = instructions[at];
      const key = `${at}/${made}`;
      if (isReturn(instruction) && made === calls) return backtrack(instructions, reached, key);
      for (const [to, count] of follow(instructions, index, at, made)) {
        const found = `${to}/${count}`;
        if (count > calls || reached.has(found)) continue;
        reached.set(found, key);
        next.push([to, count]);
      }
    }
    frontier = next;
  }
  throw new Error(`${name}: no way to its return makes ${calls} calls`);
}

function follow(instructions, index, at, made) {
  const instruction = instructions[at];
  if (isReturn(instruction) || isEnd(instruction)) return [];
  const count = made + (isCall(instruction) ? 1 : 0);
  const target = isCall(instruction) ? undefined : index.get(instruction.target);
  const ways = target === undefined ? [] : [[target, count]];
  if (instruction.mnemonic !== 'jmp' && at + 1 < instructions.length) ways.push([at + 1, count]);
  return ways;
}

function backtrack(instructions, reached, last) {
  const path = [];
  for (let key = last; key !== undefined; key = reached.get(key)) {
    path.unshift(instructions[Number.parseInt(key)]);
  }
  return path.filter((instruction) => !isNop(instruction));
}

/** Is an object made on the way? */
export function allocatesOn(path) {
  return path.some(({ note }) => /Allocation(Top|Limit)|AllocateIn|Create[A-Z]/.test(note));
}
