export const producerId = 'net-probes';
