/** An operation at an address of the contract, with `{name}` where a parameter goes. */
export interface Addressed {
  name: string;
  /** In lower case. */
  method: string;
  path: string;
}

/** Finds an operation by what was asked for. */
export type FindOperation = (method: string, url: string) => string | undefined;

/** The operations that are served apart from the pipeline, which would find the others by their segments. */
export function unroutedOperations(operations: readonly Addressed[]): FindOperation {
  const patterns = operations.map(({ name, method, path }) => ({ name, method, pattern: patternOf(path) }));
  return (method, url) => {
    const asked = method === 'HEAD' ? 'get' : method.toLowerCase();
    const [path = ''] = url.split('?', 1);
    return patterns.find((each) => each.method === asked && each.pattern.test(path))?.name;
  };
}

/** With a slash at its end, too, which PEP 503 wants and a contract cannot name. */
function patternOf(path: string): RegExp {
  const parts = path.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^/]+')}/?$`);
}
