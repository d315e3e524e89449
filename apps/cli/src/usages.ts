/** The arguments of each command, as the first line of its help shows them; `-- command` ends them. */
export const usages: Readonly<Record<string, string>> = {
  ls: '[TARGET]',
  events: '[TARGET] [PATTERN…]',
  listen: 'TARGET PATTERN…',
  log: 'TARGET PATTERN…',
  run: 'FILE.ev… TARGET',
  debug: 'TARGET',
  watch: '[TARGET] [PATTERN…]',
  top: '[TARGET] [PATTERN…]',
  doctor: '[TARGET]',
};
