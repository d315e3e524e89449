export { createLogger, type LoggerSession } from './consumer.ts';
export { type LoggerErrorCode, loggerErrorCodes } from './errors.ts';
export { formatOfPath, logFormats } from './format.ts';
export { checkOut } from './open-pipe.ts';
export { rotatedPath } from './rotation.ts';
export type {
  LoggedLoss,
  Logger,
  LoggerEnd,
  LoggerNotice,
  LoggerOptions,
  LoggerSummary,
  LogFormatName,
  RotateOptions,
} from './types.ts';
