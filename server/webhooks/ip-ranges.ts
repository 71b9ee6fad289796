import { BlockList, isIP } from 'node:net';

/** Special-purpose IPv4 networks (RFC 6890 and the IANA registry), multicast and reserved ones. */
const SPECIAL_IPV4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4'],
];

/**
 * Public IPv4 addresses at which clouds serve metadata and internal services to their machines: Azure (the relay of DHCP,
 * DNS and metadata), IBM Cloud (service endpoints) and Equinix Metal. Those of others are in special-purpose networks.
 */
const CLOUD_INTERNAL_IPV4 = ['168.63.129.16/32', '161.26.0.0/16', '166.8.0.0/14', '192.80.8.124/32'];

/** The only public IPv6 networks. Mapped IPv4, NAT64, unique local, link-local and multicast addresses are outside. */
const GLOBAL_IPV6 = ['2000::/3'];

/** Exceptions within them: Teredo, benchmarking, ORCHID and other protocols; documentation; 6to4, which embeds IPv4. */
const SPECIAL_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

/**
 * Parses networks in CIDR notation.
 * @throws Error that names the invalid entry.
 */
export function parseNetworks(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', bits = '', ...rest] = cidr.split('/');
    const family = isIP(address);
    const maxBits = family === 4 ? 32 : 128;
    if (family === 0 || rest.length > 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > maxBits) {
      throw new Error(`'${cidr}' is not a network in CIDR notation. Use e.g. 10.1.0.0/16 or fd00::/8.`);
    }
    list.addSubnet(address, Number(bits), `ipv${family as 4 | 6}`);
  }
  return list;
}

const special = { ipv4: parseNetworks([...SPECIAL_IPV4, ...CLOUD_INTERNAL_IPV4]), ipv6: parseNetworks(SPECIAL_IPV6) };
const global = parseNetworks(GLOBAL_IPV6);

/** Whether an IP address is in one of the networks. A mapped IPv4 address is in the networks of its IPv4 address. */
export function isInNetworks(ip: string, networks: BlockList): boolean {
  const family = isIP(ip);
  return family !== 0 && networks.check(withoutZone(ip), `ipv${family as 4 | 6}`);
}

/** Whether an IP address is public, and does not embed one that is not. */
export function isPublic(ip: string): boolean {
  const plain = withoutZone(ip);
  if (isIP(plain) === 4) return !special.ipv4.check(plain, 'ipv4');
  return isIP(plain) === 6 && global.check(plain, 'ipv6') && !special.ipv6.check(plain, 'ipv6');
}

function withoutZone(ip: string): string {
  return ip.replace(/%.*$/, '');
}
