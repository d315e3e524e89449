export { runCli } from './cli.ts';
export { cliErrorCodes } from './errors.ts';
export { exitCode } from './exit-codes.ts';
