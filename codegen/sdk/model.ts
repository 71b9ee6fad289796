import { type Document, isAccepted, operationsOf, type RegistryValueStatus, type Schema } from '../document.ts';
import { digestOf, toJson } from '../live.ts';
import { apiOf, type SdkApi } from './api.ts';
import { NamePool, pascalName } from './names.ts';
import { type SdkOperation, sdkOperation } from './operations.ts';
import { RESERVED_TYPE_NAMES } from './reserved.ts';
import { SchemaReader, type SdkSchema } from './schemas.ts';
import type { SdkType } from './types.ts';

/** The live contract as the SDK templates need it, independent of language. Text is raw: each printer escapes it. */
export interface SdkModel {
  /** Set for the API of another party. */
  api?: SdkApi;
  revision: number;
  /** `sha256:…` of the bytes of openapi.json at this revision. */
  digest: string;
  /** Version of the packages: that of the live contract. */
  version: string;
  title: string;
  registries: SdkRegistry[];
  /** Every schema except those of registries. A schema may refer to a later one. */
  schemas: SdkSchema[];
  operations: SdkOperation[];
  /** The types of the webhook messages. */
  webhookMessages: SdkType[];
}

export interface SdkRegistry {
  /** The registry, for example `event_types`. */
  name: string;
  /** The schema of values accepted in requests, for example `EventType`. */
  closed: SdkRegistrySchema;
  /** The schema of values in responses, for example `StoredEventType`. */
  open: SdkRegistrySchema;
  /** Every value, in every state, sorted by name. */
  values: SdkRegistryValue[];
  /** The names of the values that requests accept. */
  accepted: string[];
}

export interface SdkRegistrySchema {
  name: string;
  description: string;
}

export interface SdkRegistryValue {
  name: string;
  label: string;
  description: string;
  status: RegistryValueStatus;
  replacedBy: string | null;
  sunsetAt: string | null;
}

/** The model of the client of any API. */
export function anySdkModel(document: Document): SdkModel & { api: SdkApi } {
  // To the client of any API, a registry is an enum like others.
  const plain = JSON.parse(JSON.stringify(document, (key, value) => (key === 'x-ihf-registry' ? undefined : value)));
  return { ...modelOf(plain, false), api: apiOf(document) };
}

/** The model of the client of IHF Hub. */
export function sdkModel(document: Document): SdkModel {
  return modelOf(document, true);
}

function modelOf(document: Document, isHub: boolean): SdkModel {
  const schemas = Object.entries(document.components.schemas);
  const revision = document.info['x-ihf-revision'] ?? 0;
  const names = new NamePool(RESERVED_TYPE_NAMES);
  const reader = new SchemaReader(document, names);
  reader.declareComponents();
  const operations = [...operationsOf(document)]
    // Operations of other protocols, such as OAuth 2.0, have no method; the runtimes implement them.
    .filter(({ operation }) => operation['x-ihf-protocol'] === undefined)
    .map(({ path, method, operation }) => sdkOperation({ document, reader, names, isHub }, path, method, operation));
  const webhookMessages = Object.entries(document.webhooks ?? {}).flatMap(([name, { post }]) => {
    const media = Object.values(post?.requestBody?.content ?? {})[0];
    return media ? [reader.read(media.schema, 'received', `${pascalName(name)}Message`, `#/webhooks/${name}`)] : [];
  });
  return {
    revision,
    version: document.info.version,
    digest: digestOf(toJson(document)),
    title: document.info.title,
    registries: registriesOf(schemas),
    schemas: reader.schemas,
    operations,
    webhookMessages,
  };
}

function registriesOf(schemas: [string, Schema][]): SdkRegistry[] {
  return schemas
    .filter(([, schema]) => schema['x-ihf-registry'] && !schema['x-ihf-open'])
    .map(([closed, schema]) => {
      const name = schema['x-ihf-registry'] as string;
      const found = schemas.find(([, other]) => other['x-ihf-registry'] === name && other['x-ihf-open']);
      if (!found) throw new Error(`The registry '${name}' has no open schema. Add one with x-ihf-open: true.`);
      const [open, openSchema] = found;
      const rows = openSchema['x-ihf-values'] ?? [];
      return {
        name,
        closed: { name: closed, description: schema.description ?? '' },
        open: { name: open, description: openSchema.description ?? '' },
        values: rows.map(({ name, label, description, status, replaced_by, sunset_at }) => {
          return { name, label, description, status, replacedBy: replaced_by, sunsetAt: sunset_at };
        }),
        accepted: rows.filter(isAccepted).map((value) => value.name),
      };
    });
}
