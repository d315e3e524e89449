/** What registering an event type takes, and the checks before anything is changed. */
import type { Arming } from './arms.ts';
import { ExtensionEventError } from './errors.ts';
import { checkEventName, isEventName } from './names.ts';
import { checkParameters } from './request.ts';
import type { EventCause, EventKind, EventTypeDescriptor, Fields, Payload, RequestOf, RequestParameters } from './types.ts'; // prettier-ignore

/** What {@link registerEventType} takes. */
export interface EventTypeOptions<
  F extends Fields = Fields,
  R extends RequestParameters = RequestParameters,
> {
  /** Dot-separated kebab-case: `net.send`. */
  readonly name: string;
  /** Default `filtered`. */
  readonly kind?: EventKind;
  readonly description: string;
  readonly fields: F;
  readonly stability?: 'stable' | 'experimental';
  readonly producer?: string;
  /** What each of its events follows from, when they follow from another one. */
  readonly cause?: EventCause;
  /** Of a requested type: what a listener may ask for. */
  readonly request?: R;
  /**
   * The type gives way: when somebody registers the name with other fields, it is unregistered and
   * this is called, instead of an error there. For names that a tool brings into a program.
   */
  readonly displaced?: () => void;
  /** The fields are not known yet, see {@link EventTypeDescriptor.isProvisional}. */
  readonly isProvisional?: boolean;
  /**
   * Switches the source on for one (thread, request). A requested type needs it. A filtered type may
   * have it where watching costs something while nobody listens; its listeners, by name or by
   * wildcard, ask for nothing in particular, and the source posts through the arming.
   */
  readonly arm?: (arming: Arming<Payload<F>, RequestOf<R>>) => void | Promise<void>;
  /** With `arm`: catchpoints get an arming of their own, see {@link Arming.isStop}. */
  readonly separatesStops?: boolean;
  /**
   * With `arm`: fields by which the source itself can leave events out. It posts them in every
   * event. Listeners whose predicates compare them get an arming of their own, see
   * {@link Arming.narrow}.
   */
  readonly narrowsBy?: readonly string[];
  /** Switches it off again. */
  readonly disarm?: (arming: Arming<Payload<F>, RequestOf<R>>) => void;
}

type EventTypeDescription = Omit<EventTypeOptions, 'arm' | 'disarm' | 'displaced' | 'separatesStops' | 'narrowsBy'>; // prettier-ignore

/** One registered type as a reader of the name space sees it. */
export interface RegisteredType {
  readonly index: number;
  /** Raised each time that the index gets a new owner. */
  readonly generation: number;
  readonly descriptor: EventTypeDescriptor;
  readonly listeners: number;
  /** Posts while somebody listened. */
  readonly heard: number;
}

/** What of the options is about the source. */
interface SourceOptions {
  readonly arm?: unknown;
  readonly disarm?: unknown;
  readonly displaced?: unknown;
  readonly separatesStops?: unknown;
  readonly narrowsBy?: readonly string[];
}

/**
 * The plain-data part of the options.
 *
 * @throws ExtensionEventError `EE_NAME`, `EE_FIELDS`
 */
export function describeOptions(
  options: EventTypeDescription & SourceOptions,
): EventTypeDescriptor {
  const { arm, disarm, displaced: _displaced, separatesStops: _separates, narrowsBy: _narrows, ...rest } = options; // prettier-ignore
  checkEventName(options.name);
  const descriptor: EventTypeDescriptor = { ...rest, kind: options.kind ?? 'filtered' };
  if (descriptor.kind === 'requested' ? arm === undefined : (arm === undefined) !== (disarm === undefined)) {
    throw new ExtensionEventError(
      'EE_FIELDS',
      `${options.name} is ${descriptor.kind} and ${arm === undefined ? 'has no' : 'has an'} arm function.`,
      'Give arm and disarm together, as a requested type needs them, or neither.',
    );
  } // prettier-ignore
  checkParameters(descriptor);
  checkCause(descriptor);
  return descriptor;
}

// Its texts are checked where they are used, against the fields of the other event.
function checkCause({ name, fields, cause }: EventTypeDescriptor): void {
  if (cause === undefined) return;
  const { event, fields: values = {} } = cause;
  const stranger = Object.keys(values).find((field) => !Object.hasOwn(fields, field));
  const problem = !isEventName(event)
    ? `follows from ${JSON.stringify(event)}, which is no event name`
    : event === name
      ? 'follows from itself'
      : stranger !== undefined
        ? `has no field ${stranger} for its cause to fill`
        : undefined;
  if (problem === undefined) return;
  throw new ExtensionEventError('EE_FIELDS', `${name} ${problem}.`, 'A cause names one other event, and gives expressions for fields of the type.'); // prettier-ignore
}

/** What must be the same for two registrations to share a type: kind, fields, and what their numbers mean. */
export function schemaOf({ kind, fields, request = {} }: EventTypeDescriptor): string {
  return JSON.stringify([kind, rowsOf(fields), rowsOf(request)]);
}

// In one order, whatever order they were written in.
function rowsOf(table: Fields): unknown[] {
  return Object.entries(table)
    .map(([name, { type, unit = '', optional = false }]) => [name, type, unit, optional] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}
