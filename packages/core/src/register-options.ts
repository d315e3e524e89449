/** What registering an event type takes, and the checks before anything is changed. */
import type { Arming } from './arms.ts';
import { ExtensionEventError } from './errors.ts';
import { checkEventName } from './names.ts';
import { checkParameters } from './request.ts';
import type { EventKind, EventTypeDescriptor, Fields, Payload, RequestOf, RequestParameters } from './types.ts'; // prettier-ignore

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
  /** Of a requested type: what a listener may ask for. */
  readonly request?: R;
  /**
   * The type gives way: when somebody registers the name with other fields, it is unregistered and
   * this is called, instead of an error there. For names that a tool brings into a program.
   */
  readonly displaced?: () => void;
  /**
   * Of a filtered type whose source has a switch of its own: told when this thread's flag word leaves
   * 0, and when it is 0 again, also since the type is unregistered. A listen that waited for the name
   * is told while the type is being registered. Must not throw; what it throws is a warning.
   */
  readonly listened?: (isListened: boolean) => void;
  /** The fields are not known yet, see {@link EventTypeDescriptor.isProvisional}. */
  readonly isProvisional?: boolean;
  /** Of a requested type, needed there: switches the source on for one (thread, request). */
  readonly arm?: (arming: Arming<Payload<F>, RequestOf<R>>) => void | Promise<void>;
  /** Of a requested type: catchpoints get an arming of their own, see {@link Arming.isStop}. */
  readonly separatesStops?: boolean;
  /** Switches it off again. */
  readonly disarm?: (arming: Arming<Payload<F>, RequestOf<R>>) => void;
}

type EventTypeDescription = Omit<
  EventTypeOptions,
  'arm' | 'disarm' | 'displaced' | 'listened' | 'separatesStops'
>;

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

/**
 * The plain-data part of the options.
 *
 * @throws ExtensionEventError `EE_NAME`, `EE_FIELDS`
 */
export function describeOptions(
  options: EventTypeDescription & {
    readonly arm?: unknown;
    readonly disarm?: unknown;
    readonly displaced?: unknown;
    readonly listened?: unknown;
    readonly separatesStops?: unknown;
  },
): EventTypeDescriptor {
  const {
    arm,
    disarm: _disarm,
    displaced: _displaced,
    listened: _listened,
    separatesStops: _separates,
    ...rest
  } = options;
  checkEventName(options.name);
  const descriptor: EventTypeDescriptor = { ...rest, kind: options.kind ?? 'filtered' };
  if ((descriptor.kind === 'requested') !== (arm !== undefined)) {
    throw new ExtensionEventError(
      'EE_FIELDS',
      `${options.name} is ${descriptor.kind} and ${arm === undefined ? 'has no' : 'has an'} arm function.`,
      "Give kind: 'requested' together with arm and disarm, or neither.",
    );
  }
  checkParameters(descriptor);
  return descriptor;
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
