import { OPERATIONS, type OperationEntry } from '../../generated/operations.ts';
import { authored } from './contract.ts';
import { UNKNOWN_ID } from './responses.ts';

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

/** Every operation of the contract except those of other protocols, with a URL whose parameters are well-formed. */
export function allOperations(): Call[] {
  const ours = Object.entries(OPERATIONS).filter(
    ([, { method, path }]) => !authored.paths[path]?.[method as 'get']?.['x-ihf-protocol'],
  );
  return ours.map(([operationId, { method, path }]: [string, OperationEntry]) => ({
    operationId,
    method: method.toUpperCase(),
    url: path.replaceAll(/\{(\w+)\}/g, (_, name: string) => EXAMPLES[name] ?? UNKNOWN_ID),
    hasBody: authored.paths[path]?.[method as 'get']?.requestBody !== undefined,
  }));
}
