import proxyAddr from 'proxy-addr';

/**
 * Whether to believe the forwarded headers that this peer sent.
 * @param hop 0 for the peer of the connection, 1 for the peer that it names, and so on.
 */
export type TrustProxy = (ipAddress: string, hop: number) => boolean;

const MAX_PROXIES = 99;

export const TRUST_NO_PROXY: TrustProxy = () => false;

/**
 * Reads `IHF_TRUST_PROXY`: the number of proxies in front of the server, or their networks, as in Express's `trust proxy`.
 * @throws Error that names the variable, its value and the allowed values.
 */
export function readTrustProxy(text: string | undefined): TrustProxy {
  if (!text) return TRUST_NO_PROXY;
  if (!/^\d+$/.test(text)) return trustNetworks(text);
  const proxies = Number(text);
  if (proxies > MAX_PROXIES) throw invalid(text);
  return (_ipAddress, hop) => hop < proxies;
}

function trustNetworks(text: string): TrustProxy {
  try {
    return proxyAddr.compile(text.split(',').map((network) => network.trim()));
  } catch {
    throw invalid(text);
  }
}

function invalid(text: string): Error {
  const networks = 'networks such as 10.0.0.0/8,fd00::/8 (also loopback, linklocal and uniquelocal)';
  return new Error(
    `IHF_TRUST_PROXY must be the number of proxies, from 0 to ${MAX_PROXIES}, or ${networks} (got '${text}').`,
  );
}
