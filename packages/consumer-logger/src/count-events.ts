/** `1 event`, `3 events` */
export function countEvents(count: number): string {
  return `${count} ${count === 1 ? 'event' : 'events'}`;
}
