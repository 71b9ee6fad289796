import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { type BlockList, isIP } from 'node:net';
import { isInNetworks, isPublic, parseNetworks } from './ip-ranges.ts';

/** Thrown for a URL, host or IP address that webhooks must not reach. The message is for the owner of the webhook. */
export class BlockedUrlError extends Error {}

type Resolve = (name: string) => Promise<LookupAddress[]>;

/** Keeps webhooks out of private networks (server-side request forgery): the URLs come from consumers. */
export class SsrfGuard {
  readonly #allowed: BlockList;
  readonly #resolve: Resolve;
  readonly #lookups = new Map<string, Promise<LookupAddress[]>>();

  /** @param allowed non-public networks in CIDR notation that webhooks may reach. */
  constructor(allowed: readonly string[], resolve: Resolve = (name) => lookup(name, { all: true, verbatim: true })) {
    this.#allowed = parseNetworks(allowed);
    this.#resolve = resolve;
  }

  /**
   * Checks everything that needs no DNS lookup. The URL parser has converted unusual notations of IPv4 (`0x7f.1`,
   * `2130706433`, `①27.0.0.1`) by then.
   * @throws {BlockedUrlError}
   */
  checkUrl(text: string): URL {
    if (!URL.canParse(text)) {
      throw new BlockedUrlError(`'${text}' is not a valid URL. Use a URL such as https://example.com/hook.`);
    }
    const url = new URL(text);
    if (!/^https?:$/.test(url.protocol)) {
      throw new BlockedUrlError(`The URL scheme must be https or http (got '${url.protocol.slice(0, -1)}').`);
    }
    if (url.username || url.password) {
      throw new BlockedUrlError('The URL must not contain a user name or a password. Verify the signature instead.');
    }
    if (url.hash) throw new BlockedUrlError('The URL must not contain a fragment. Remove the part after #.');
    const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
    if (port < 1024 && port !== 80 && port !== 443) {
      throw new BlockedUrlError(`Port ${port} is not allowed. Use 443, 80, or a port from 1024 to 65535.`);
    }
    const host = hostOf(url);
    if (isIP(host)) this.checkIp(host);
    return url;
  }

  /** @throws {BlockedUrlError} */
  checkIp(ip: string): void {
    if (isPublic(ip) || isInNetworks(ip, this.#allowed)) return;
    throw new BlockedUrlError(
      `${ip} is not a public IP address. The operator can allow its network with IHF_WEBHOOK_ALLOW.`,
    );
  }

  /**
   * Resolves a host name. One IP address that is not public blocks the whole name: the connection may use any of them.
   * @throws {BlockedUrlError}
   */
  async resolveHost(name: string): Promise<LookupAddress[]> {
    // The system's resolver has four threads: a name whose server does not respond must occupy only one of them.
    let pending = this.#lookups.get(name);
    if (!pending) {
      pending = this.#resolve(name).finally(() => this.#lookups.delete(name));
      this.#lookups.set(name, pending);
    }
    const addresses = await pending;
    for (const { address } of addresses) this.checkIp(address);
    return addresses;
  }

  /** Why a webhook must not use a URL; undefined if it may, or if its host name does not resolve yet. */
  async blockedReason(text: string): Promise<string | undefined> {
    try {
      const host = hostOf(this.checkUrl(text));
      if (!isIP(host)) await this.resolveHost(host);
    } catch (error) {
      if (error instanceof BlockedUrlError) return error.message;
    }
    return undefined;
  }
}

/** The host of a URL; an IPv6 address without its brackets. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}
