import { formatFields, formatStack, wallClock } from '@extension-events/consumer-logger/format';
import type { EventTypeDescriptor } from '@extension-events/core';
import type { EventItem } from '@extension-events/session';
import { paint } from './colour.ts';
import { makePrintable } from './printable.ts';

/** `12:34:56.789012 main net.send len=13 By peer="p13"`; fields in the order of the descriptor. */
export function formatEvent(
  item: EventItem,
  descriptor: EventTypeDescriptor | undefined,
  threadName: string,
): string {
  const fields = formatFields(item, descriptor, paint);
  const time = paint('dim', wallClock(item.timestampNs).time);
  const name = paint('bold', makePrintable(item.event));
  return `${time} ${makePrintable(threadName)} ${name}${fields}${formatStack(item.stack)}`;
}
