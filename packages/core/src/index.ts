export type { Arming, RequestedSource } from './arms.ts';
export { Budget, type BudgetLimits } from './budget.ts';
export { monotonicNs } from './clock.ts';
export { coreErrorCodes, ExtensionEventError } from './errors.ts';
export type { EventType } from './event-type.ts';
export { changeFlags, flag, flagHeaderWords, flagWord, generationOffset, layoutVersion, typeCapacity } from './flags.ts'; // prettier-ignore
export { getRegistry } from './global.ts';
export { type Inheritance, inheritanceKey } from './inherit.ts';
export type { Listening, ListenOptions, PostedEvent } from './listen.ts';
export type { StoppingEvent, WatchedProcess } from './moment.ts';
export { checkEventName, compilePattern, isEventName, isExactPattern } from './names.ts';
export type { Choice, Producer, RunningProducer, Support } from './producer.ts';
export { listen, registerEventType } from './public.ts';
export type { EventTypeOptions, RegisteredType } from './register-options.ts';
export type { Registry } from './registry.ts';
export { resolveRequest } from './request.ts';
export { sharedFields } from './shared-fields.ts';
export type {
  Postable,
  Predicate,
  PredicateContext,
  Probe,
  ProbeContext,
  Tap,
  TapAccount,
  TapMode,
  TapOptions,
} from './tap.ts';
export type {
  AnyPayload,
  Comparison,
  EventCause,
  EventKind,
  EventMap,
  EventTypeDescriptor,
  FieldDescriptor,
  Fields,
  FieldType,
  FieldValue,
  Payload,
  PayloadOf,
  RequestGiven,
  RequestOf,
  RequestParameter,
  RequestParameters,
  RequestValues,
  Subject,
} from './types.ts';
