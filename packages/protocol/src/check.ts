/** Checks the bodies of frames that came from outside: shapes only, one small table per kind. */
import { type FrameKind, frameKinds, grants, lossReasons, scriptActions } from './frames.ts';

type Check = (value: unknown) => string | undefined;

const expect =
  (what: string, test: (value: unknown) => boolean): Check =>
  (value) =>
    test(value) ? undefined : `expected ${what}`;

const string = expect('a string', (v) => typeof v === 'string');
const boolean = expect('a boolean', (v) => typeof v === 'boolean');
const finite = expect('a number', (v) => typeof v === 'number' && Number.isFinite(v));
const count = expect(
  'a whole number of 0 or more',
  (v) => Number.isSafeInteger(v) && Number(v) >= 0,
);
const object = expect('an object', isObject);
const oneOf = (words: readonly string[]): Check =>
  expect(`one of ${words.join(', ')}`, (v) => typeof v === 'string' && words.includes(v));
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value)
      ? value.map((v) => check(v)).find((p) => p !== undefined)
      : 'expected an array';

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const mapOf =
  (check: Check): Check =>
  (value) =>
    isObject(value)
      ? Object.entries(value)
          .map(([key, v]) => prefix(key, check(v)))
          .find((p) => p !== undefined)
      : 'expected an object';

function prefix(key: string, problem: string | undefined): string | undefined {
  return problem === undefined ? undefined : `${key}: ${problem}`;
}

/** Keys with a `!` must be there. */
type Shape = Readonly<Record<string, Check>>;

const wireError = shape({ 'code!': string, 'message!': string, 'hint!': string });
const answer: Shape = { re: count, error: wireError };
const descriptor = shape({
  'name!': string,
  'kind!': oneOf(['filtered', 'requested']),
  'description!': string,
  'fields!': mapOf(
    shape({
      'type!': string,
      unit: string,
      description: string,
      optional: boolean,
      detail: boolean,
    }),
  ),
  request: mapOf(shape({ 'type!': string })),
});
const typeInfo = shape({
  'descriptor!': descriptor,
  'threads!': listOf(count),
  'listeners!': count,
  'heard!': count,
});

const accountKeys: Shape = {
  'thread!': count,
  'matched!': count,
  'lost!': count,
  'throttled!': count,
};
const position = shape({ 'scriptId!': string, 'lineNumber!': count, 'columnNumber!': count });
const stopFrame = shape({
  'callFrameId!': string,
  'functionName!': string,
  'url!': string,
  sourceMapUrl: string,
  'position!': position,
  'isUser!': boolean,
  'scopes!': listOf(shape({ 'type!': string, name: string, 'objectId!': string })),
  thisObjectId: string,
});
const causes: Readonly<Record<string, Check>> = {
  event: shape({ 'listens!': listOf(count), 'event!': string, 'payload!': object, 'timestampNs!': finite }), // prettier-ignore
  breakpoint: shape({ 'breakpoints!': listOf(string) }),
  step: shape({ returned: shape({ 'type!': string }) }),
  pause: object,
  foreign: shape({ 'reason!': string }),
};
const cause: Check = (value) =>
  shape({ 'type!': oneOf(Object.keys(causes)) })(value) ??
  causes[(value as { type: string }).type]?.(value);

const shapes: Readonly<Record<Exclude<FrameKind, 'records'>, Shape>> = {
  hello: {
    'protocol!': count,
    'role!': oneOf(['consumer', 'agent', 'host']),
    'pid!': count,
    'name!': string,
    'grants!': listOf(oneOf(grants)),
    budget: shape({ eventsPerSecond: finite, bytesPerSecond: finite, threadShare: finite }),
    runtime: string,
    root: string,
    consumers: count,
    ...answer,
  },
  types: {
    id: count,
    pattern: string,
    ...answer,
    types: listOf(typeInfo),
    added: listOf(typeInfo),
    removed: listOf(string),
    define: listOf(shape({ 'thread!': count, 'index!': count, 'descriptor!': descriptor })),
  },
  threads: {
    id: count,
    ...answer,
    'threads!': listOf(
      shape({
        'key!': count,
        'tid!': count,
        'threadId!': finite,
        'name!': string,
        'state!': oneOf(['running', 'held', 'ended']),
        heldBy: shape({ event: string, 'holders!': listOf(string) }),
        isAgent: boolean,
        runs: oneOf(['native']),
      }),
    ),
  },
  listen: {
    id: count,
    listen: count,
    pattern: string,
    thread: string,
    where: string,
    request: mapOf(expect('a number, a string or a boolean', (v) => typeof v === 'number' || typeof v === 'string' || typeof v === 'boolean')), // prettier-ignore
    stack: count,
    eventsPerSecond: finite,
    catch: shape({ ignore: count, temporary: boolean }),
    ...answer,
    slot: count,
    threads: listOf(count),
    pending: listOf(count),
  },
  unlisten: { id: count, listen: count, ...answer, accounts: listOf(shape(accountKeys)) },
  arm: {
    'listen!': count,
    'event!': string,
    'armId!': count,
    'state!': oneOf(['armed', 'disarmed', 'failed']),
    ...answer,
  },
  'load-producer': {
    id: count,
    producer: string,
    url: string,
    door: oneOf(['thread']),
    ...answer,
    types: listOf(descriptor),
  },
  script: {
    id: count,
    script: count,
    action: oneOf(scriptActions),
    data: object,
    ...answer,
    shares: listOf(object),
    pending: count,
    exited: boolean,
    stopped: wireError,
  },
  loss: { 'listen!': count, 'thread!': count, 'reason!': oneOf(lossReasons), 'count!': count },
  stop: {
    'thread!': count,
    cause,
    frames: listOf(stopFrame),
    landed: oneOf(['exact', 'function', 'elsewhere', 'in-place']),
    notes: listOf(string),
    holders: listOf(string),
    resumedBy: oneOf(['continue', 'foreign', 'timeout', 'watchdog']),
  },
  debug: { id: count, thread: count, method: string, params: object, ...answer },
  bye: {
    'reason!': oneOf(['done', 'exit', 'agent-ends', 'protocol-error']),
    exitCode: finite,
    ...answer,
    accounts: listOf(shape({ ...accountKeys, 'listen!': count })),
  },
};

function shape(keys: Shape): Check {
  return (value) => {
    if (!isObject(value)) return 'expected an object';
    for (const [spelled, check] of Object.entries(keys)) {
      const key = spelled.replace('!', '');
      if (value[key] === undefined) {
        if (spelled !== key) return `${key} is missing`;
        continue;
      }
      const problem = check(value[key]);
      if (problem !== undefined) return `${key}: ${problem}`;
    }
    return undefined;
  };
}

/** What is wrong with the JSON body of a frame of this kind, or `undefined`. Unknown keys are let pass. */
export function checkBody(kind: FrameKind, body: unknown): string | undefined {
  if (kind === 'records') return `${frameKinds.records} is not a JSON frame`;
  return shape(shapes[kind])(body);
}
