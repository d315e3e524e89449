// Which package may stand on which. The list is short on purpose: a new edge is a decision, not a
// convenience. `check-imports.mjs` reads it.
//
// Left: a package, or a pattern with one `*`. Right: what it may import and name in package.json;
// `name/door` allows that entry point alone. Everybody may import itself by name.
export const allowedEdges = {
  core: [],
  protocol: ['core'],
  script: ['core'],
  'platform-*': ['core'],
  session: ['core', 'protocol', 'platform-*', 'script/expression', 'script/runtime'],
  agent: ['core', 'protocol', 'script', 'platform-*'],
  'producer-*': ['core', 'platform-*'],
  'consumer-*': ['core', 'session', 'platform-*'],
  'apps/*': ['*'],
  'tools/*': ['*'],
};

// Third-party libraries that only some may import.
export const allowedLibraries = {
  rxjs: ['core/src/rx*', 'session', 'consumer-*', 'apps/*', 'tools/*'],
  // Loaded when it is needed, by what is to touch the kernel; the second names memory of its own process.
  koffi: ['platform-linux', 'producer-hw-breakpoint/src/memory*'],
};

// Packages that take nothing from npm at run time; their tests and builds may.
export const withoutLibraries = ['core', 'protocol', 'script', 'agent', 'producer-*'];

// Exceptions: debt, each with its reason. They are checked to be still needed.
export const exceptions = [
  {
    from: 'session',
    to: 'agent',
    how: 'package.json',
    why: "attaching reads the agent's built files from its package and hands their text to the target; no code of it is imported",
  },
];
