/** What a handler is told: the variable parts of the path, and the query. */
export interface Call {
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
}

/** Answers a call with something that JSON can carry; undefined means that there is no such thing. */
export type Handler = (call: Call) => unknown;

interface Route {
  readonly parts: readonly string[];
  readonly handler: Handler;
}

/** Finds the handler of a path: `/orders/:id` matches `/orders/17`. */
export class Router {
  readonly #routes: Route[] = [];

  get(pattern: string, handler: Handler): this {
    this.#routes.push({ parts: pattern.split('/'), handler });
    return this;
  }

  answer(url: URL): unknown {
    const parts = url.pathname.split('/');
    for (const route of this.#routes) {
      const path = matchParts(route.parts, parts);
      if (path !== undefined) return route.handler({ path, query: url.searchParams });
    }
    return undefined;
  }
}

function matchParts(
  pattern: readonly string[],
  parts: readonly string[],
): Record<string, string> | undefined {
  if (pattern.length !== parts.length) return undefined;
  const path: Record<string, string> = {};
  for (const [i, expected] of pattern.entries()) {
    const part = decodeURIComponent(parts[i] ?? '');
    if (expected.startsWith(':')) path[expected.slice(1)] = part;
    else if (expected !== part) return undefined;
  }
  return path;
}
