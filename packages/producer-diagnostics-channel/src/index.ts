export const producerId = 'diagnostics-channel';
