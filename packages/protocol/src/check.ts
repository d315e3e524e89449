/** Checks the bodies of frames that came from outside: shapes only, one small table per kind. */
import { type FrameKind, frameKinds, grants, lossReasons } from './frames.ts';

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
const array = expect('an array', Array.isArray);
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

/** Keys with a `!` must be there. */
type Shape = Readonly<Record<string, Check>>;

const answer: Shape = {
  re: count,
  error: shape({ 'code!': string, 'message!': string, 'hint!': string }),
};
const descriptor = shape({
  'name!': string,
  'kind!': oneOf(['filtered', 'requested']),
  'description!': string,
  'fields!': object,
});
const typeInfo = shape({
  'descriptor!': descriptor,
  'threads!': listOf(count),
  'listeners!': count,
  'heard!': count,
});

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
        isAgent: boolean,
      }),
    ),
  },
  listen: {
    id: count,
    listen: count,
    pattern: string,
    thread: string,
    where: string,
    request: object,
    stack: count,
    eventsPerSecond: finite,
    catch: shape({ ignore: count, temporary: boolean }),
    ...answer,
    slot: count,
    threads: listOf(count),
    pending: listOf(count),
  },
  unlisten: { id: count, listen: count, ...answer, accounts: array },
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
    ...answer,
    types: listOf(descriptor),
  },
  script: {
    id: count,
    script: count,
    text: string,
    file: string,
    stop: boolean,
    ...answer,
    output: string,
  },
  loss: { 'listen!': count, 'thread!': count, 'reason!': oneOf(lossReasons), 'count!': count },
  stop: {
    'thread!': count,
    cause: shape({ 'type!': string }),
    frames: listOf(object),
    landed: string,
    notes: listOf(string),
    holders: listOf(string),
    resumedBy: string,
  },
  debug: { id: count, thread: count, method: string, params: object, ...answer },
  bye: { 'reason!': string, exitCode: finite, ...answer, accounts: array },
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
