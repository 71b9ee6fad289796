import { type IhfError, invalidRequest, MAX_ISSUES, type ValidationIssue } from '../../errors.ts';

/**
 * Separates the issues of single items from those of the request. An operation that reports a result per item fails as
 * a whole only if an issue lies outside of the items.
 * @returns the error of each invalid item, by index. Together they list at most `MAX_ISSUES` issues, and one per item
 *   beyond those.
 * @param perItem the property of the body that holds the items; undefined for other operations.
 * @throws IhfError invalid_request with all issues if one belongs to the request itself.
 */
export function partitionByItem(
  issues: readonly ValidationIssue[],
  perItem: string | undefined,
): Map<number, IhfError> {
  const byItem = new Map<number, ValidationIssue[]>();
  for (const issue of issues) {
    const [, list, item, rest = ''] = /^#\/([^/]+)\/(\d+)(\/.*)?$/.exec(issue.pointer ?? '') ?? [];
    if (perItem === undefined || list !== perItem) throw invalidRequest(issues);
    const index = Number(item);
    const ofItem = byItem.get(index) ?? [];
    ofItem.push({ ...issue, pointer: `#${rest}` });
    byItem.set(index, ofItem);
  }
  let budget = MAX_ISSUES;
  return new Map(
    [...byItem].map(([index, ofItem]) => {
      const listed = ofItem.slice(0, Math.max(1, budget));
      budget -= listed.length;
      return [index, invalidRequest(listed, ofItem.length - listed.length)];
    }),
  );
}
