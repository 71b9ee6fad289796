import { OPERATIONS, type OperationEntry } from '../../generated/operations.ts';
import { NOBODY } from './answers.ts';
import { authored } from './contract.ts';

export interface Call {
  operationId: string;
  method: string;
  url: string;
  hasBody: boolean;
}

const EXAMPLES: Record<string, string> = {
  registry: 'event_types',
  value_name: 'clicked',
  revision: '1',
  sdk_file: 'ihf-client.ts',
};

/** Every operation of the contract that speaks its language, with an address that is well-formed. */
export function everyOperation(): Call[] {
  const ours = Object.entries(OPERATIONS).filter(
    ([, { method, path }]) => !authored.paths[path]?.[method as 'get']?.['x-ihf-protocol'],
  );
  return ours.map(([operationId, { method, path }]: [string, OperationEntry]) => ({
    operationId,
    method: method.toUpperCase(),
    url: path.replaceAll(/\{(\w+)\}/g, (_, name: string) => EXAMPLES[name] ?? NOBODY),
    hasBody: authored.paths[path]?.[method as 'get']?.requestBody !== undefined,
  }));
}
