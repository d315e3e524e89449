/** The door `./format`: how things are written, without what writes them down; it imports nothing else. */
export { wallClock } from './clock.ts';
export { wantsColour } from './colour.ts';
export type { Paint } from './format.ts';
export { toJson } from './json.ts';
export { countEvents } from './count-events.ts';
export { makePrintable } from './printable.ts';
export { eventShape, lossShape, shapeVersion, summaryShape } from './shapes.ts';
export { formatFields, formatStack } from './text-fields.ts';
export type { LoggedLoss } from './types.ts';
