/**
 * Tables of the Itanium C++ ABI's mangling; texts are those of libiberty (c++filt, gdb, addr2line).
 *
 * @see https://itanium-cxx-abi.github.io/cxx-abi/abi.html#mangling
 */

export const builtinTypes: Readonly<Record<string, string>> = {
  v: 'void',
  w: 'wchar_t',
  b: 'bool',
  c: 'char',
  a: 'signed char',
  h: 'unsigned char',
  s: 'short',
  t: 'unsigned short',
  i: 'int',
  j: 'unsigned int',
  l: 'long',
  m: 'unsigned long',
  x: 'long long',
  y: 'unsigned long long',
  n: '__int128',
  o: 'unsigned __int128',
  f: 'float',
  d: 'double',
  e: 'long double',
  g: '__float128',
  z: '...',
};

/** Behind a `D`. */
export const moreBuiltinTypes: Readonly<Record<string, string>> = {
  a: 'auto',
  c: 'decltype(auto)',
  d: 'decimal64',
  e: 'decimal128',
  f: 'decimal32',
  h: 'half',
  i: 'char32_t',
  n: 'decltype(nullptr)',
  s: 'char16_t',
  u: 'char8_t',
};

/** What stands behind a number of such a type in place of a cast before it. */
export const literalSuffixes: Readonly<Record<string, string>> = {
  int: '',
  'unsigned int': 'u',
  long: 'l',
  'unsigned long': 'ul',
  'long long': 'll',
  'unsigned long long': 'ull',
};

/** Behind an `S`: what it means, the name that a constructor of it has, and the whole name. */
export const knownSubstitutions: Readonly<Record<string, readonly [string, string, string?]>> = {
  t: ['std', ''],
  a: ['std::allocator', 'allocator'],
  b: ['std::basic_string', 'basic_string'],
  s: [
    'std::string',
    'basic_string',
    'std::basic_string<char, std::char_traits<char>, std::allocator<char> >',
  ],
  i: ['std::istream', 'basic_istream', 'std::basic_istream<char, std::char_traits<char> >'],
  o: ['std::ostream', 'basic_ostream', 'std::basic_ostream<char, std::char_traits<char> >'],
  d: ['std::iostream', 'basic_iostream', 'std::basic_iostream<char, std::char_traits<char> >'],
};

/** Text and number of operands. */
export const operators: Readonly<Record<string, readonly [string, number]>> = {
  aN: ['&=', 2],
  aS: ['=', 2],
  aa: ['&&', 2],
  ad: ['&', 1],
  an: ['&', 2],
  aw: ['co_await ', 1],
  cl: ['()', 2],
  cm: [',', 2],
  co: ['~', 1],
  dV: ['/=', 2],
  da: ['delete[] ', 1],
  de: ['*', 1],
  dl: ['delete ', 1],
  ds: ['.*', 2],
  dt: ['.', 2],
  dv: ['/', 2],
  eO: ['^=', 2],
  eo: ['^', 2],
  eq: ['==', 2],
  ge: ['>=', 2],
  gt: ['>', 2],
  ix: ['[]', 2],
  lS: ['<<=', 2],
  le: ['<=', 2],
  ls: ['<<', 2],
  lt: ['<', 2],
  mI: ['-=', 2],
  mL: ['*=', 2],
  mi: ['-', 2],
  ml: ['*', 2],
  mm: ['--', 1],
  na: ['new[]', 3],
  ne: ['!=', 2],
  ng: ['-', 1],
  nt: ['!', 1],
  nw: ['new', 3],
  oR: ['|=', 2],
  oo: ['||', 2],
  or: ['|', 2],
  pL: ['+=', 2],
  pl: ['+', 2],
  pm: ['->*', 2],
  pp: ['++', 1],
  ps: ['+', 1],
  pt: ['->', 2],
  qu: ['?', 3],
  rM: ['%=', 2],
  rS: ['>>=', 2],
  rm: ['%', 2],
  rs: ['>>', 2],
  ss: ['<=>', 2],
};

/** Special names: the text before the name that follows. */
export const specialNames: Readonly<Record<string, string>> = {
  TV: 'vtable for ',
  TT: 'VTT for ',
  TI: 'typeinfo for ',
  TS: 'typeinfo name for ',
  TF: 'typeinfo fn for ',
};
