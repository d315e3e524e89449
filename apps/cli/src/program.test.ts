import { expect, it } from 'vitest';
import { createProgram } from './program.ts';
import { usages } from './usages.ts';

const { commands } = createProgram(undefined, () => undefined);

it.each(Object.keys(usages))('the help of %s names its arguments', (name) => {
  const command = commands.find((one) => one.name() === name);
  expect(command?.helpInformation()).toMatch(/^Usage: extev \S+ \S*(TARGET|FILE)/);
  expect(command?.helpInformation()).not.toContain('[args...]');
});
