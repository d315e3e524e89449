export { makePrintable } from '@extension-events/consumer-logger/format';
