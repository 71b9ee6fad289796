import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { type BlockList, isIP } from 'node:net';
import { isPublic, isWithin, networks } from './ip-ranges.ts';

/** Thrown where a webhook must not go. */
export class AddressRefused extends Error {}

type Resolve = (name: string) => Promise<LookupAddress[]>;

/** Keeps webhooks out of the network that the hub stands in, whatever their owner wrote. */
export class AddressGuard {
  readonly #allowed: BlockList;
  readonly #resolve: Resolve;
  readonly #lookups = new Map<string, Promise<LookupAddress[]>>();

  /** @param allowed Networks in CIDR notation that may be reached although they are not public. */
  constructor(allowed: readonly string[], resolve: Resolve = (name) => lookup(name, { all: true, verbatim: true })) {
    this.#allowed = networks(allowed);
    this.#resolve = resolve;
  }

  /**
   * Checks what can be seen without asking anybody. The parser of addresses has made plain IPv4 of every odd notation
   * by then (`0x7f.1`, `2130706433`, `①27.0.0.1`).
   * @throws {AddressRefused}
   */
  checkUrl(text: string): URL {
    if (!URL.canParse(text))
      throw new AddressRefused(`'${text}' is no address. It looks like https://example.com/hook.`);
    const url = new URL(text);
    if (!/^https?:$/.test(url.protocol)) throw new AddressRefused(`'${url.protocol}' is neither https: nor http:.`);
    if (url.username || url.password) {
      throw new AddressRefused('The address holds a user name or a password. Verify the signature instead.');
    }
    if (url.hash) throw new AddressRefused('The address holds a fragment, which is never sent. Leave it out.');
    const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
    if (port < 1024 && port !== 80 && port !== 443) {
      throw new AddressRefused(`Port ${port} is no port of webhooks. Use 443, 80 or one from 1024 on.`);
    }
    const host = hostOf(url);
    if (isIP(host)) this.checkAddress(host);
    return url;
  }

  /** @throws {AddressRefused} */
  checkAddress(address: string): void {
    if (isPublic(address) || isWithin(address, this.#allowed)) return;
    throw new AddressRefused(
      `${address} is not a public address. The operator can allow its network in IHF_WEBHOOK_ALLOW.`,
    );
  }

  /**
   * The addresses of a name. One that is not public refuses the name as a whole: which of them is connected to is
   * chosen later, and by chance.
   * @throws {AddressRefused}
   */
  async addressesOf(name: string): Promise<LookupAddress[]> {
    // The system's resolver has four threads: a name that never answers may hold one of them, not all.
    let asked = this.#lookups.get(name);
    if (!asked) {
      asked = this.#resolve(name).finally(() => this.#lookups.delete(name));
      this.#lookups.set(name, asked);
    }
    const addresses = await asked;
    for (const { address } of addresses) this.checkAddress(address);
    return addresses;
  }

  /** Why a webhook may not go there now; undefined where it may, and where the name is not known yet. */
  async refusal(text: string): Promise<string | undefined> {
    try {
      const host = hostOf(this.checkUrl(text));
      if (!isIP(host)) await this.addressesOf(host);
    } catch (error) {
      if (error instanceof AddressRefused) return error.message;
    }
    return undefined;
  }
}

/** The host of an address, an IPv6 one without its brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}
