import { type Document, isUsable, operationsOf, type RegistryValueStatus, type Schema } from '../document.ts';
import { digestOf, toJson } from '../live.ts';
import { bodySchema, sdkOperation } from './operations.ts';
import { type SdkProperty, type SdkType, typeOf } from './types.ts';

/** The live contract as SDK templates need it, in no language's terms. All text is raw: each printer escapes it. */
export interface SdkModel {
  revision: number;
  /** `sha256:…` of the bytes of openapi.json at this revision. */
  digest: string;
  /** Of the packages: it tells the contract's own version and the revision. */
  version: string;
  title: string;
  registries: SdkRegistry[];
  /** Every schema but those of the registries. A schema may refer to one that comes later. */
  schemas: SdkSchema[];
  operations: SdkOperation[];
  /** The schemas of what the hub sends to webhooks. */
  webhookMessages: string[];
}

export interface SdkRegistry {
  /** The registry table, `event_types`. */
  name: string;
  /** Closed on write: the words that a request may use now, `EventType`. */
  closed: SdkWordSchema;
  /** Open on read: `StoredEventType`. */
  open: SdkWordSchema;
  /** Every word ever stored, by name. */
  words: SdkWord[];
  /** The names of those that may be used now. */
  usable: string[];
}

export interface SdkWordSchema {
  name: string;
  description: string;
}

export interface SdkWord {
  name: string;
  label: string;
  description: string;
  status: RegistryValueStatus;
  replacedBy: string | null;
  sunsetAt: string | null;
}

export interface SdkSchema {
  name: string;
  description: string;
  type: SdkType;
}

export interface SdkOperation {
  id: string;
  method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'PATCH';
  /** With `{name}` where a path parameter goes. */
  path: string;
  summary: string;
  description: string;
  deprecated: boolean;
  /** Whether it asks nobody who calls. */
  open: boolean;
  /** In the order in which the path names them. */
  pathParams: SdkProperty[];
  queryParams: SdkProperty[];
  acceptsIdempotencyKey: boolean;
  /** The schema of the JSON body. */
  body?: { schema: string; required: boolean };
  successStatus: number;
  result: { kind: 'schema'; schema: string } | { kind: 'text' };
  errors: { status: number; description: string }[];
  /** Of a list that comes in pages: what it lists, `Widgets`, and the schema of one. */
  pages?: { of: string; item: string };
  /** Of an operation that takes many items and answers for each. */
  batch?: SdkBatch;
}

export interface SdkBatch {
  /** What they are: `InteractionEvents`. */
  of: string;
  /** The property of the body that holds them. */
  property: string;
  /** The schema of one. */
  item: string;
  /** How many it takes. */
  most: number;
}

export function sdkModel(document: Document): SdkModel {
  const schemas = Object.entries(document.components.schemas);
  const revision = document.info['x-ihf-revision'] ?? 0;
  return {
    revision,
    version: versionOf(document, revision),
    digest: digestOf(toJson(document)),
    title: document.info.title,
    registries: registriesOf(schemas),
    schemas: schemas
      .filter(([, schema]) => !schema['x-ihf-registry'])
      .map(([name, schema]) => ({ name, description: schema.description ?? '', type: typeOf(schema) })),
    operations: [...operationsOf(document)]
      // Those speak a protocol of their own, OAuth 2.0 for example: the runtimes know it.
      .filter(({ operation }) => operation['x-ihf-protocol'] === undefined)
      .map(({ path, method, operation }) => sdkOperation(document, path, method, operation)),
    webhookMessages: Object.values(document.webhooks ?? {}).map(({ post }) => bodySchema(post)),
  };
}

/** The version of the packages of a revision: the contract's own major and minor, and the revision. */
export function versionOf({ info }: Document, revision: number): string {
  return `${info.version.split('.').slice(0, 2).join('.')}.${revision}`;
}

function registriesOf(schemas: [string, Schema][]): SdkRegistry[] {
  return schemas
    .filter(([, schema]) => schema['x-ihf-registry'] && !schema['x-ihf-open'])
    .map(([closed, schema]) => {
      const name = schema['x-ihf-registry'] as string;
      const found = schemas.find(([, other]) => other['x-ihf-registry'] === name && other['x-ihf-open']);
      if (!found) throw new Error(`The registry '${name}' has no schema that is open on read`);
      const [open, openSchema] = found;
      const rows = openSchema['x-ihf-values'] ?? [];
      return {
        name,
        closed: { name: closed, description: schema.description ?? '' },
        open: { name: open, description: openSchema.description ?? '' },
        words: rows.map(({ name, label, description, status, replaced_by, sunset_at }) => {
          return { name, label, description, status, replacedBy: replaced_by, sunsetAt: sunset_at };
        }),
        usable: rows.filter(isUsable).map((word) => word.name),
      };
    });
}
