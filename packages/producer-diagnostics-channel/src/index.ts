export { channelErrorCodes } from './errors.ts';
export { channelRefused, channelRefusedDescriptor, messageFields, operationFields, producerId } from './events.ts'; // prettier-ignore
export { createChannelFinder } from './finder.ts';
export { eventNameOf, operationNameOf } from './names.ts';
export { createChannelProducer } from './producer.ts';
export { defaultPrefix, publishToChannels } from './publish.ts';
export type { ChannelFinder, ChannelProducer, ChannelProducerOptions, ChannelRefusedPayload, PublishOptions, RunningChannels, RunningFinder } from './types.ts'; // prettier-ignore
