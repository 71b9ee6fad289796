import { invalidRequest, type ValidationIssue } from '../../errors.ts';

/**
 * Separates the issues of single items from those of the request. An operation that reports a result per item fails as
 * a whole only if an issue lies outside of the items.
 * @param perItem the property of the body that holds the items; undefined for other operations.
 * @throws IhfError invalid_request with all issues if one belongs to the request itself.
 */
export function partitionByItem(
  issues: readonly ValidationIssue[],
  perItem: string | undefined,
): Map<number, ValidationIssue[]> {
  const byItem = new Map<number, ValidationIssue[]>();
  for (const issue of issues) {
    const [, list, item, rest = ''] = /^#\/([^/]+)\/(\d+)(\/.*)?$/.exec(issue.pointer ?? '') ?? [];
    if (perItem === undefined || list !== perItem) throw invalidRequest([...issues]);
    const index = Number(item);
    byItem.set(index, [...(byItem.get(index) ?? []), { ...issue, pointer: `#${rest}` }]);
  }
  return byItem;
}
