export const producerId = 'runtime';
