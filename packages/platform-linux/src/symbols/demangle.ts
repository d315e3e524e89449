import { demangleItanium } from './demangle-itanium.ts';
import { demangleLegacyRust, demangleRust } from './demangle-rust.ts';

const maxNameLength = 1 << 14;

/** The name as its author wrote it: C++ and Rust; other names as they are. Never throws. */
export function demangle(name: string): string {
  if (name.length > maxNameLength || name[0] !== '_') return name;
  try {
    if (name.startsWith('_Z')) return demangleLegacyRust(name) ?? demangleCpp(name);
    if (name.startsWith('_R')) return demangleRust(name.slice(2));
  } catch {
    // Not mangled, or in a way that is not known here.
  }
  return name;
}

/** The compiler appends `.cold`, `.part.0` and such to the names of pieces that it cut off. */
function demangleCpp(name: string): string {
  const dot = name.indexOf('.');
  if (dot < 0) return demangleItanium(name.slice(2));
  const clones = name.slice(dot).match(/\.(?:[A-Za-z_]\w*(?:\.\d+)*|\d+(?:\.\d+)*)/g) ?? [];
  if (clones.join('') !== name.slice(dot)) return name;
  return demangleItanium(name.slice(2, dot)) + clones.map((clone) => ` [clone ${clone}]`).join('');
}
