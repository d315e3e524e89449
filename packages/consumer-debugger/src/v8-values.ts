import type { Variable } from './engine.ts';
import { debuggerError } from './errors.ts';
import {
  formatPropertyLines,
  formatValue,
  fullStyle,
  lineStyle,
  shortStyle,
} from './format-value.ts';
import type { ExceptionDetails, RemoteProperty, RemoteValue } from './v8-types.ts';

/** V8 says this when `throwOnSideEffect` stopped an expression. */
const sideEffect = /possible side-effect/i;

const longestLine = 100;
const mostProperties = 100;

/**
 * The value of an `evaluate` answer.
 *
 * @throws ExtensionEventError `EE_SIDE_EFFECT`, `EE_EXPRESSION_FAILED`
 */
export function unwrapEvaluation(answer: unknown, expression: string): RemoteValue {
  const whole = (answer ?? {}) as {
    result?: RemoteValue;
    exceptionDetails?: ExceptionDetails;
  } & Partial<RemoteValue>;
  if (whole.exceptionDetails !== undefined)
    throw explainFailure(whole.exceptionDetails, expression);
  if (whole.result !== undefined) return whole.result;
  return { ...whole, type: whole.type ?? 'undefined' };
}

function explainFailure(details: ExceptionDetails, expression: string): Error {
  const thrown = details.exception;
  const text =
    thrown?.description ?? (typeof thrown?.value === 'string' ? thrown.value : details.text);
  const [message = ''] = text.split('\n');
  if (sideEffect.test(message)) {
    return debuggerError(
      'EE_SIDE_EFFECT',
      `${expression} was stopped before it could change the program (V8 saw a possible side effect).`,
      'Only expressions without side effects are evaluated, so that looking never disturbs; start the debugger with --write to allow the others.',
    );
  }
  return debuggerError(
    'EE_EXPRESSION_FAILED',
    message === '' ? `${expression} threw.` : message,
    hintFor(message),
  );
}

function hintFor(message: string): string {
  if (message.startsWith('SyntaxError'))
    return 'It is not JavaScript as it is written: check it again.';
  if (message.includes('Cannot access')) {
    return 'Its declaration has not run yet at this line: next goes on to it.';
  }
  return 'Names are those of the code that runs: info locals lists them for the selected frame.';
}

export const doubt = 'undefined (may be optimized out)';

/** A local variable. V8 shows what it optimized away as `undefined`; that doubt is said. */
export function formatLocal(property: RemoteProperty, mayBeOptimized: boolean): Variable {
  const { name, value } = property;
  // Before its declaration has run, a variable has no value at all.
  if (value === undefined) {
    return { name, value: property.get === undefined ? '<uninitialized>' : '<getter>' };
  }
  const text = formatValue(value, lineStyle);
  const isDoubtful = mayBeOptimized && value.type === 'undefined';
  return { name, value: isDoubtful ? doubt : text };
}

/** A value for `print`: one line, or one for each property when they do not fit. */
export async function formatEvaluation(
  value: RemoteValue,
  getProperties: (objectId: string) => Promise<readonly RemoteProperty[]>,
): Promise<readonly string[]> {
  const line = formatValue(value, fullStyle);
  const isPlain = value.type === 'object' && value.subtype === undefined;
  const isComplete = value.preview !== undefined && !value.preview.overflow;
  if (value.objectId === undefined || !isPlain || (isComplete && line.length <= longestLine)) {
    return [line];
  }
  const own = (await getProperties(value.objectId)).filter(
    (property) => property.isOwn !== false && property.enumerable !== false,
  );
  const title = formatValue(value, { ...shortStyle, maxLength: longestLine });
  const open = title === '{…}' ? '{' : `${title} {`;
  if (own.length === 0) return [`${open}}`];
  return [open, ...formatPropertyLines(own, mostProperties), '}'];
}
