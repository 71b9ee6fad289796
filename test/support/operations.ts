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

/** Every operation of the contract, with an address that is well-formed. */
export function everyOperation(baseUrl: string): Call[] {
  return Object.entries(OPERATIONS).map(([operationId, { method, path }]: [string, OperationEntry]) => ({
    operationId,
    method: method.toUpperCase(),
    url: baseUrl + path.replaceAll(/\{(\w+)\}/g, (_, name: string) => EXAMPLES[name] ?? NOBODY),
    hasBody: authored.paths[path]?.[method as 'get']?.requestBody !== undefined,
  }));
}
