import { BlockList, isIP } from 'node:net';

/** Not for the public: RFC 6890 and the IANA registry of special addresses, with multicast and what is reserved. */
const SPECIAL_IPV4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4'],
];

/** Of IPv6 only this is public. Mapped addresses, NAT64, unique local, link-local and multicast lie outside of it. */
const GLOBAL_IPV6 = ['2000::/3'];

/** Within it: Teredo, benchmarking, ORCHID and other protocols' own; documentation; 6to4, which holds an IPv4 address. */
const SPECIAL_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

/**
 * The networks of a list in CIDR notation.
 * @throws Error that names the entry that is none.
 */
export function networks(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', bits = '', ...rest] = cidr.split('/');
    const family = isIP(address);
    const most = family === 4 ? 32 : 128;
    if (family === 0 || rest.length > 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > most) {
      throw new Error(`'${cidr}' is no network. It is an address and a length such as 10.1.0.0/16 or fd00::/8.`);
    }
    list.addSubnet(address, Number(bits), `ipv${family as 4 | 6}`);
  }
  return list;
}

const special = { ipv4: networks(SPECIAL_IPV4), ipv6: networks(SPECIAL_IPV6) };
const global = networks(GLOBAL_IPV6);

/** Whether an address is in a list of networks. A mapped IPv4 address is in those of its IPv4 address too. */
export function isWithin(address: string, list: BlockList): boolean {
  const family = isIP(address);
  return family !== 0 && list.check(withoutZone(address), `ipv${family as 4 | 6}`);
}

/** Whether anybody may be reached at an address: it is public, and stands for no address that is not. */
export function isPublic(address: string): boolean {
  const plain = withoutZone(address);
  if (isIP(plain) === 4) return !special.ipv4.check(plain, 'ipv4');
  return isIP(plain) === 6 && global.check(plain, 'ipv6') && !special.ipv6.check(plain, 'ipv6');
}

function withoutZone(address: string): string {
  return address.replace(/%.*$/, '');
}
