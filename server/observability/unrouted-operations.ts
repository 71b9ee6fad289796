/** An operation and its path template, such as `/widgets/{widget_id}`. */
export interface OperationPath {
  name: string;
  /** In lower case. */
  method: string;
  path: string;
}

/** Finds the operation of a request. */
export type FindOperation = (method: string, url: string) => string | undefined;

/** Finds operations that the request steps do not route: those of OAuth and of the package indexes. */
export function unroutedOperations(operations: readonly OperationPath[]): FindOperation {
  const patterns = operations.map(({ name, method, path }) => ({ name, method, pattern: patternOf(path) }));
  return (method, url) => {
    const wanted = method === 'HEAD' ? 'get' : method.toLowerCase();
    // npm encodes the slash in the name of a scoped package.
    const path = (url.split('?', 1)[0] ?? '').replace(/%2f/i, '/');
    return patterns.find((each) => each.method === wanted && each.pattern.test(path))?.name;
  };
}

/** Matches with a trailing slash too: PEP 503 requires it, and the contract does not list it. */
function patternOf(path: string): RegExp {
  const parts = path.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^/]+')}/?$`);
}
