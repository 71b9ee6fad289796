import { type Document, type Json, resolve, type Schema } from '../document.ts';
import { childPointer, DocumentError } from '../pointer.ts';
import { withoutAllOf } from './all-of.ts';
import { type Direction, type Directions, directionsOf, isBinarySchema, isOmitted } from './direction.ts';
import { type NamePool, pascalName } from './names.ts';
import {
  ASSERTIONS,
  allOf,
  alternativesOf,
  documentationOf,
  isOnlyReference,
  literalsOf,
  typesOf,
} from './schema-keywords.ts';
import { type Tags, tagsOf } from './tags.ts';
import { JSON_VALUE, type SdkProperty, type SdkType, unionOf } from './types.ts';

/** A schema that SDKs declare under a name. */
export interface SdkSchema {
  name: string;
  description: string;
  deprecated?: boolean;
  type: SdkType;
}

/** Where a schema is, for its name and for errors. */
interface Place {
  direction: Direction;
  /** Whether it is part of a form, in which bytes are sent as they are. */
  isForm: boolean;
  /** The name that an object here gets. */
  name: string;
  pointer: string;
}

/**
 * Reads schemas of a document as types. Definitions that it refers to, and objects that are defined in place, are declared
 * under names; `schemas` has them.
 */
export class SchemaReader {
  readonly schemas: SdkSchema[] = [];
  readonly #document: Document;
  readonly #names: NamePool;
  readonly #directions: Directions;
  readonly #tags: ReadonlyMap<string, Tags>;
  /** By pointer and direction. */
  readonly #declared = new Map<string, string>();

  constructor(document: Document, names: NamePool) {
    this.#document = document;
    this.#names = names;
    this.#directions = directionsOf(document);
    this.#tags = tagsOf(document);
    // Components get the names that they ask for, whatever is declared before them.
    for (const name of Object.keys(document.components.schemas)) {
      const pointer = childPointer('#/components/schemas', name);
      const schema = document.components.schemas[name];
      // Registries are declared with their values, under their own names.
      const identifier = schema?.['x-ihf-registry'] ? name : this.#nameOf(pascalName(name));
      for (const [index, direction] of this.#directionsOf(pointer).entries()) {
        const declared = index === 0 ? identifier : this.#nameOf(`${identifier}Input`);
        this.#declared.set(`${direction} ${pointer}`, declared);
      }
    }
  }

  /** Declares the schemas of all components, in document order. */
  declareComponents(): void {
    for (const [name, schema] of Object.entries(this.#document.components.schemas)) {
      if (schema?.['x-ihf-registry']) continue;
      const pointer = childPointer('#/components/schemas', name);
      for (const direction of this.#directionsOf(pointer)) {
        this.#declare(this.#declared.get(`${direction} ${pointer}`) as string, pointer, schema, direction);
      }
    }
  }

  /** @param name the name that the type gets if it needs one. */
  read(schema: Schema | boolean, direction: Direction, name: string, pointer: string, isForm = false): SdkType {
    return this.#type(schema, { direction, isForm, name, pointer });
  }

  /** `both` stands for one declaration that serves both directions. */
  #directionsOf(pointer: string): (Direction | 'both')[] {
    if (!this.#directions.differing.has(pointer)) return ['both'];
    const { used } = this.#directions;
    if (!used.sent.has(pointer)) return ['received'];
    return used.received.has(pointer) ? ['received', 'sent'] : ['sent'];
  }

  #nameOf(name: string): string {
    return this.#names.claim(name, `${name}Model`);
  }

  #declare(name: string, pointer: string, schema: Schema | boolean, direction: Direction | 'both'): void {
    const isForm = this.#directions.forms.has(pointer);
    const place = { direction: direction === 'both' ? ('received' as const) : direction, isForm, name, pointer };
    const entry: SdkSchema = { ...documentationOf(schema), name, type: JSON_VALUE };
    this.schemas.push(entry);
    entry.type = this.#type(schema, place, this.#tags.get(pointer) ?? new Map());
  }

  #reference(pointer: string, place: Place): SdkType {
    const key = this.#directionsOf(pointer).length === 1 ? this.#directionsOf(pointer)[0] : place.direction;
    const known = this.#declared.get(`${key} ${pointer}`);
    if (known !== undefined) return { kind: 'reference', name: known };
    const schema = this.#resolve(pointer, place);
    const name = this.#nameOf(pascalName(pointer.split('/').filter(isTelling).slice(-2).join(' ')));
    this.#declared.set(`${key} ${pointer}`, name);
    this.#declare(name, pointer, schema, key as Direction | 'both');
    return { kind: 'reference', name };
  }

  #resolve(pointer: string, place: Place): Schema {
    try {
      return resolve<Schema>(this.#document, pointer);
    } catch (error) {
      throw new DocumentError(place.pointer, (error as Error).message);
    }
  }

  /** @param tags given if the schema is being declared under the name of the place. */
  #type(schema: Schema | boolean, place: Place, tags?: Tags): SdkType {
    if (typeof schema === 'boolean') return schema ? JSON_VALUE : { kind: 'never' };
    // A tagged schema is declared whole, because only its own property has the tag.
    const isAlias = isOnlyReference(schema) && !tags?.size;
    if (schema.$ref !== undefined && isAlias) {
      const type = this.#reference(schema.$ref, place);
      return schema.nullable === true ? unionOf([type, { kind: 'null' }]) : type;
    }
    const [only, ...others] = allOf(schema);
    if (only && others.length === 0 && isAlias) {
      const type = this.#type(only, place, tags);
      return schema.nullable === true ? unionOf([type, { kind: 'null' }]) : type;
    }
    const { nullable, ...flat } = schema.$ref || allOf(schema).length > 0 ? this.#flattened(schema, place) : schema;
    // Null stands beside the object, so the object itself is declared under another name.
    const type = this.#flat(flat, place, nullable === true ? undefined : tags);
    return nullable === true ? unionOf([type, { kind: 'null' }]) : type;
  }

  #flattened(schema: Schema, place: Place): Schema {
    try {
      return withoutAllOf(this.#document, schema);
    } catch (error) {
      throw new DocumentError(place.pointer, (error as Error).message);
    }
  }

  #flat(schema: Schema, place: Place, tags?: Tags): SdkType {
    if (schema.const !== undefined) return literalsOf([schema.const as Json]);
    if (schema.enum) return literalsOf(schema.enum);
    const choices = alternativesOf(schema);
    if (choices.length > 0) return this.#union(schema, choices, place);
    const types = typesOf(schema, place.pointer);
    if (types.length === 0) return JSON_VALUE;
    return unionOf(types.map((type) => this.#plain(type, schema, place, types.length === 1 ? tags : undefined)));
  }

  /** What stands beside `oneOf` or `anyOf` holds for each alternative. */
  #union(schema: Schema, choices: readonly Schema[], place: Place): SdkType {
    const { oneOf, anyOf, discriminator, title, description, ...rest } = schema;
    const isShared = Object.keys(rest).some((keyword) => ASSERTIONS.has(keyword));
    return unionOf(
      choices.map((choice, index) => {
        const own = typeof choice.title === 'string' ? pascalName(choice.title) : `${place.name}Option${index + 1}`;
        const pointer = childPointer(place.pointer, oneOf ? 'oneOf' : 'anyOf', index);
        const alternative = isShared ? { allOf: [rest, choice] } : choice;
        return this.#type(alternative as Schema, { ...place, name: own, pointer });
      }),
    );
  }

  #plain(type: string, schema: Schema, place: Place, tags?: Tags): SdkType {
    switch (type) {
      case 'string':
        if (schema['x-extensible-enum']) return { kind: 'known-strings', values: schema['x-extensible-enum'] };
        if (place.isForm && place.direction === 'sent' && isBinarySchema(schema)) return { kind: 'binary' };
        return schema.format === 'uuid' || schema.format === 'date-time'
          ? { kind: 'string', format: schema.format }
          : { kind: 'string' };
      case 'array':
        return this.#array(schema, place);
      case 'object':
        return this.#object(schema, place, tags);
      default:
        return { kind: type as 'integer' | 'number' | 'boolean' | 'null' };
    }
  }

  #array(schema: Schema, place: Place): SdkType {
    const prefix = (schema.prefixItems ?? []) as Schema[];
    const item = (items: Schema | boolean, suffix: string, ...keys: (string | number)[]) =>
      this.#type(items, { ...place, name: `${place.name}${suffix}`, pointer: childPointer(place.pointer, ...keys) });
    if (prefix.length === 0) return { kind: 'array', items: item(schema.items ?? true, 'Item', 'items') };
    const items = prefix.map((each, index) => item(each, `Item${index + 1}`, 'prefixItems', index));
    const minimum = typeof schema.minItems === 'number' ? schema.minItems : 0;
    const isClosed = (schema.items as unknown) === false || schema.maxItems === prefix.length;
    return {
      kind: 'tuple',
      items,
      required: Math.min(minimum, items.length),
      ...(!isClosed && { rest: item(schema.items ?? true, 'Item', 'items') }),
    };
  }

  #object(schema: Schema, place: Place, tags?: Tags): SdkType {
    const extra = this.#extra(schema, place);
    const properties = Object.entries(schema.properties ?? {}).filter(
      ([, property]) => typeof property === 'boolean' || !isOmitted(this.#document, property, place.direction),
    );
    if (properties.length === 0 && !tags?.size) {
      // An object that is closed and empty is one without keys.
      if (schema.additionalProperties === false && !schema.patternProperties && schema.properties === undefined)
        return { kind: 'map', values: { kind: 'never' } };
      if (schema.properties === undefined || extra) return { kind: 'map', values: extra ?? JSON_VALUE };
    }
    if (tags === undefined) return this.#nested(schema, place);
    const required = new Set(schema.required);
    const read = properties.map(([name, property]): SdkProperty => {
      const inner = {
        ...place,
        name: place.name + pascalName(name),
        pointer: childPointer(place.pointer, 'properties', name),
      };
      const type = this.#type(property, inner);
      return { ...documentationOf(property), name, ...tagged(type, required.has(name), tags.get(name)) };
    });
    const missing = [...tags.keys()].filter((name) => !read.some((property) => property.name === name));
    const added = missing.map((name) => ({ name, description: '', ...tagged(JSON_VALUE, true, tags.get(name)) }));
    return { kind: 'object', properties: [...added, ...read], ...(extra && { extra }) };
  }

  /** An object that is defined in place. */
  #nested(schema: Schema, place: Place): SdkType {
    const name = this.#nameOf(place.name);
    const entry: SdkSchema = { ...documentationOf(schema), name, type: JSON_VALUE };
    this.schemas.push(entry);
    entry.type = this.#object(schema, { ...place, name }, new Map());
    return { kind: 'reference', name };
  }

  /** The type of the properties that are not listed. Undefined if none are declared, even if they are allowed. */
  #extra(schema: Schema, place: Place): SdkType | undefined {
    const { additionalProperties: more, patternProperties } = schema;
    const value = (of: Schema, ...keys: string[]) =>
      this.#type(of, { ...place, name: `${place.name}Value`, pointer: childPointer(place.pointer, ...keys) });
    const types = Object.entries((patternProperties ?? {}) as Record<string, Schema>).map(([pattern, each]) =>
      value(each, 'patternProperties', pattern),
    );
    // An absent keyword also means open, but an index signature would weaken the type.
    if (more === true) types.push(JSON_VALUE);
    else if (typeof more === 'object') types.push(value(more, 'additionalProperties'));
    return types.length > 0 ? unionOf(types) : undefined;
  }
}

/** The property that a discriminator reads has only the values that select the schema, and is always there. */
function tagged(type: SdkType, required: boolean, values?: readonly string[]): { type: SdkType; required: boolean } {
  if (values === undefined || (type.kind === 'literals' && type.values.length <= values.length)) {
    return { type, required: required || values !== undefined };
  }
  return { type: { kind: 'literals', values: [...values] }, required: true };
}

/** Whether a key of a pointer belongs in a name. */
function isTelling(key: string): boolean {
  return !['#', 'components', 'schemas', 'properties', 'items', '$defs', 'schema', 'content'].includes(key);
}
