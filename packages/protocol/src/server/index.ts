export { audit } from './audit.ts';
export { compareTypes, mergeTypes, type ThreadCatalogue } from './catalogue.ts';
export { Consumer, type ConsumerEvents } from './consumer.ts';
export { ListenBook, type RoutedListen } from './listen-book.ts';
export { Producers } from './producers.ts';
export { Pump, type Routes } from './pump.ts';
export { RecordedThread } from './recorded-thread.ts';
export { Refusals } from './refusals.ts';
export { checkCatchGrant, checkDebugGrants, checkHello, helloNeeded, notServed, scriptActionMissing, scriptFault, scriptUnknown } from './requests.ts'; // prettier-ignore
export { serveSocket } from './serve-socket.ts';
export { Turns } from './turns.ts';
export { type Fault, wireError } from './wire-error.ts';
