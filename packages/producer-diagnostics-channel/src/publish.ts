import { channel } from 'node:diagnostics_channel';
import {
  ExtensionEventError,
  getRegistry,
  isEventName,
  type Listening,
} from '@extension-events/core';
import { scheme } from './names.ts';
import { markPublished } from './published.ts';
import type { PublishOptions } from './types.ts';

/** What the names of channels begin with that events are published to. */
export const defaultPrefix = 'extension-events:';

/**
 * The other way: publishes the payload of every event of this thread whose name matches to the channel
 * `extension-events:NAME`, for whoever knows diagnostics channels and not us.
 *
 * It listens like any listener: requested types are armed by their exact name only, and messages come at
 * the safe point after the post, not inside it. The payload is a copy that subscribers share. Events
 * that are channels already (`channel:…`) are left out, and the channels made here do not become event
 * types: nothing goes round in circles. Disposing, or `unlisten`, ends it.
 *
 * @throws ExtensionEventError `EE_CHANNEL_PREFIX`; `EE_PATTERN`, `EE_ARM_FAILED` as `listen` does
 */
export function publishToChannels(
  pattern: string,
  { prefix = defaultPrefix }: PublishOptions = {},
): Listening {
  checkPrefix(prefix);
  const mark = markPublished(prefix);
  try {
    const listening = getRegistry().listen(pattern, ({ name, payload }) => {
      if (name.startsWith(`${scheme}:`)) return;
      // Not kept: a channel that nobody subscribes to may go.
      const target = channel(prefix + name);
      if (target.hasSubscribers) target.publish(payload);
    });
    const end = (): void => {
      listening.unlisten();
      mark[Symbol.dispose]();
    };
    return {
      unlisten: end,
      [Symbol.dispose]: end,
      get account() {
        return listening.account;
      },
    };
  } catch (error) {
    mark[Symbol.dispose]();
    throw error;
  }
}

// Channels of the program must not be taken for ours.
function checkPrefix(prefix: string): void {
  if (typeof prefix === 'string' && isEventName(`${scheme}:${prefix}`) && /^.{2,}[:./]$/.test(prefix)) return; // prettier-ignore
  throw new ExtensionEventError(
    'EE_CHANNEL_PREFIX',
    `${JSON.stringify(prefix)} is no prefix for channels of events.`,
    'Take a word of your own that ends in : or . or /, such as my-app.events:',
  );
}
