import type { EventType } from './event-type.ts';
import { getRegistry } from './global.ts';
import type { Listening, ListenOptions, PostedEvent } from './listen.ts';
import type { EventTypeOptions } from './register-options.ts';
import type { Fields, PayloadOf, RequestParameters } from './types.ts';

/**
 * Registers an event type on this thread. Keep the handle in a module-private `const`.
 *
 * @throws ExtensionEventError `EE_NAME`, `EE_FIELDS`, `EE_SCHEMA_CONFLICT`, `EE_TYPE_LIMIT`, `EE_CORE_MISMATCH`
 */
export function registerEventType<
  const F extends Fields,
  const R extends RequestParameters = RequestParameters,
>(options: EventTypeOptions<F, R>): EventType<F, R> {
  return getRegistry().registerEventType(options);
}

/**
 * Hears every event on this thread whose name matches the pattern, at the safe point after its post.
 *
 * @throws ExtensionEventError `EE_PATTERN`, `EE_REQUEST`, `EE_ARM_FAILED`
 */
export function listen<N extends string>(
  pattern: N,
  callback: (event: PostedEvent<PayloadOf<N>>) => void,
  options?: ListenOptions<PayloadOf<N>>,
): Listening {
  return getRegistry().listen(
    pattern,
    callback as (event: PostedEvent) => void,
    options as ListenOptions,
  );
}
