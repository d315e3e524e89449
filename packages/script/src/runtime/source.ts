import type { EventTypeDescriptor } from '@extension-events/core';
import type { CheckedBody, CheckedPoint } from '../program/checked.ts';

/** Where an instance gets its code from: the front-end, or a test's own trees. */
export interface BodySource {
  /** In the order of the text. */
  readonly points: readonly CheckedPoint[];
  /** What `probe_name()` says there. */
  nameOf(point: CheckedPoint): string;
  /** @throws ExtensionEventError when the probe does not fit the event type */
  bodyOf(point: CheckedPoint, descriptor: EventTypeDescriptor): CheckedBody;
}
