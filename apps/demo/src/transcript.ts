// What a transcript of the debugger must show for the demo to have kept its promise. Pure.

/** The function that `node --cpu-prof` names first for the service, and where it is written. */
export const hotFunction = 'comesFirst';
export const hotFile = 'walk.ts';

/** Splits a batch transcript at its echoed commands: what each command printed. */
export function splitCommands(transcript: string, commands: readonly string[]): string[] {
  const outputs: string[] = [];
  let current: string[] | undefined;
  let next = 0;
  for (const line of transcript.split('\n')) {
    const command = commands[next];
    if (command !== undefined && isEcho(line, command)) {
      if (current !== undefined) outputs.push(current.join('\n'));
      current = [];
      next += 1;
    } else current?.push(line);
  }
  if (current !== undefined) outputs.push(current.join('\n'));
  return outputs;
}

// `(extev) continue`: a short prompt of any shape, then the command.
const maxPrompt = 12;
function isEcho(line: string, command: string): boolean {
  const text = line.trimEnd();
  return text.endsWith(` ${command}`) && text.length - command.length <= maxPrompt;
}

/** What is missing from the transcript, in words; empty when the stop was shown in the hot function. */
export function findFaults(transcript: string, commands: readonly string[]): string[] {
  const outputs = splitCommands(transcript, commands);
  const faults: string[] = [];
  const outputOf = (name: string): string => outputs[commands.indexOf(name)] ?? '';
  const stop = outputOf('continue');
  const place = new RegExp(String.raw`\b${hotFile.replace('.', String.raw`\.`)}:\d+`);
  if (outputs.length < commands.length) {
    faults.push(`only ${outputs.length} of ${commands.length} commands were echoed`);
  }
  if (!stop.includes('hot-spot')) faults.push('the program did not stop for hot-spot');
  if (!stop.includes(hotFunction)) faults.push(`the stop does not name ${hotFunction}`);
  if (!place.test(stop)) faults.push(`the stop does not show a line of ${hotFile}`);
  const backtrace = outputOf('bt');
  if (!backtrace.includes('buildPickList') || !place.test(backtrace)) {
    faults.push('the backtrace does not lead from the route to the hot function');
  }
  const locals = outputOf('info locals');
  if (!/\bleft\b/.test(locals) || !/\bright\b/.test(locals)) {
    faults.push('the locals of the hot function are not shown');
  }
  return faults;
}
