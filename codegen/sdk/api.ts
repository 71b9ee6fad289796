import type { Document } from '../document.ts';
import { pascalName } from './names.ts';

/** What a client needs to know of an API that is not IHF Hub. */
export interface SdkApi {
  /** Prefix of the names of classes: the title without words such as "API". */
  prefix: string;
  /** Base URL; empty if the document has no absolute one. */
  baseUrl: string;
  schemes: SdkSecurityScheme[];
  /** The alternatives of schemes, by name, for operations without their own. */
  security: string[][];
}

export interface SdkSecurityScheme {
  /** As in the document. */
  name: string;
  description: string;
  /** `bearer` stands for every scheme whose secret is sent as a bearer token. */
  kind: 'apiKey' | 'basic' | 'bearer' | 'oauth2';
  /** Set for an API key: where it is sent, under which name. */
  key?: { in: 'header' | 'query' | 'cookie'; name: string };
  /** Set if the client can fetch tokens with its id and secret (RFC 6749, section 4.4). */
  tokenUrl?: string;
}

interface SecurityScheme {
  type?: string;
  scheme?: string;
  in?: 'header' | 'query' | 'cookie';
  name?: string;
  description?: string;
  flows?: { clientCredentials?: { tokenUrl?: string } };
}

export function apiOf(document: Document): SdkApi {
  const { info, components, security } = document;
  const schemes = Object.entries(components.securitySchemes ?? {}) as [string, SecurityScheme][];
  return {
    prefix: prefixOf(info.title),
    baseUrl: baseUrlOf(document),
    schemes: schemes.flatMap(([name, scheme]) => schemeOf(name, scheme)),
    security: (security ?? []).map((alternative) => Object.keys(alternative)),
  };
}

/** `Swagger Petstore - OpenAPI 3.1` as `SwaggerPetstore`. */
function prefixOf(title: string): string {
  const words = title
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '' && !/^(the|api|openapi|rest|v?\d+)$/i.test(word));
  return words.length > 0 ? pascalName(words.slice(0, 3).join(' ')) : 'Api';
}

function baseUrlOf({ servers }: Document): string {
  const [server] = Array.isArray(servers)
    ? (servers as { url?: string; variables?: Record<string, { default?: unknown }> }[])
    : [];
  const url = String(server?.url ?? '').replace(/\{([^{}]+)\}/g, (_, name: string) => {
    return String(server?.variables?.[name]?.default ?? '');
  });
  return /^https?:\/\//.test(url) ? url.replace(/\/+$/, '') : '';
}

function schemeOf(name: string, scheme: SecurityScheme): SdkSecurityScheme[] {
  const { type, description = '' } = scheme;
  const base = { name, description };
  if (type === 'apiKey' && scheme.in && scheme.name) {
    return [{ ...base, kind: 'apiKey', key: { in: scheme.in, name: scheme.name } }];
  }
  if (type === 'http' && scheme.scheme?.toLowerCase() === 'basic') return [{ ...base, kind: 'basic' }];
  const tokenUrl = scheme.flows?.clientCredentials?.tokenUrl;
  if (type === 'oauth2') return [{ ...base, kind: 'oauth2', ...(tokenUrl && { tokenUrl }) }];
  // A client certificate belongs to the connection. Other HTTP schemes, such as Digest, have no secret to send.
  if (type === 'openIdConnect' || (type === 'http' && scheme.scheme?.toLowerCase() === 'bearer')) {
    return [{ ...base, kind: 'bearer' }];
  }
  return [];
}

/** `SwaggerPetstore` as `swagger-petstore`. */
export function kebabName(prefix: string): string {
  return prefix.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
}

/** Renames what the runtimes call after IHF: classes, environment variables, and the package. */
export function branded(text: string, prefix: string): string {
  const kebab = kebabName(prefix);
  const snake = kebab.replaceAll('-', '_');
  return text
    .replace(/\bIhf(?=[A-Z])/g, prefix)
    .replace(/\b(_|Async)Ihf(?=[A-Z])/g, `$1${prefix}`)
    .replace(/\bIHF_/g, `${snake.toUpperCase()}_`)
    .replace(/\bihf-client\b/g, `${kebab}-client`)
    .replace(/\bihf_client\b/g, `${snake}_client`);
}
