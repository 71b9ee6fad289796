import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import proxyAddr from 'proxy-addr';
import { IhfError } from '../errors.ts';
import type { TrustProxy } from './trust-proxy.ts';

/** Where a request came from, and under which URL the client sees this server. */
export interface RequestSource {
  /** The IP address of the client. */
  ipAddress: string;
  /** What limits are counted by: the IPv4 address, or the /64 network of an IPv6 address, all of which one client has. */
  network: string;
  /** The host and port that the client called; undefined if it did not name them. */
  host: string | undefined;
  /** The public URL of the server, without a trailing slash. */
  publicUrl: string;
  /**
   * The public URL if it is configured, else the URL that the client called. Only for responses to this client: anybody can
   * send any Host header.
   */
  calledUrl: string;
}

export interface SourceOptions {
  /** Which peers may send `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host`; all others are ignored. */
  trustProxy: TrustProxy;
  /** `IHF_PUBLIC_URL`; undefined: the URL that a trusted proxy names, or the one that the server listens at. */
  publicUrl: string | undefined;
  listeningUrl(): string;
}

/** A host name, IPv4 address or IPv6 address in brackets, with or without a port. */
const HOST = /^(?:[\w.-]{1,253}|\[[\da-fA-F:.]{2,45}\])(?::\d{1,5})?$/;

/** @throws IhfError malformed_request for more than one Host header (RFC 9112, section 3.2). */
export function sourceOf(request: IncomingMessage, options: SourceOptions): RequestSource {
  if (hasTwoHosts(request)) {
    throw new IhfError('malformed_request', 'The Host header must be sent once. Remove the other Host headers.');
  }
  const { trustProxy, publicUrl, listeningUrl } = options;
  const peer = request.socket.remoteAddress ?? '';
  const host = request.headers.host;
  const hostUrl = HOST.test(host ?? '') ? `http://${host}` : undefined;
  if (!trustProxy(peer, 0)) {
    const own = publicUrl ?? listeningUrl();
    return { ...addressesOf(peer), host, publicUrl: own, calledUrl: publicUrl ?? hostUrl ?? own };
  }
  const client = proxyAddr(request, trustProxy);
  const called = forwarded(request, 'x-forwarded-host', HOST) ?? (HOST.test(host ?? '') ? host : undefined);
  const scheme = forwarded(request, 'x-forwarded-proto', /^https?$/) ?? 'http';
  const url = publicUrl ?? (called ? `${scheme}://${called}` : listeningUrl());
  return { ...addressesOf(isIP(client) ? client : peer), host: called, publicUrl: url, calledUrl: url };
}

/** The first value of a forwarded header: the one of the proxy that the client called. */
function forwarded(request: IncomingMessage, name: string, form: RegExp): string | undefined {
  const value = String(request.headers[name] ?? '')
    .split(',', 1)[0]
    ?.trim();
  return value && form.test(value) ? value : undefined;
}

/** Node drops all but the first, and another server on the way may have used the second. */
function hasTwoHosts({ rawHeaders }: IncomingMessage): boolean {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts > 1;
}

function addressesOf(peer: string): Pick<RequestSource, 'ipAddress' | 'network'> {
  return { ipAddress: withoutMapping(peer), network: networkOf(peer) };
}

/** A server that listens on an IPv6 socket sees IPv4 addresses as `::ffff:192.0.2.1`. */
function withoutMapping(ipAddress: string): string {
  return ipAddress.startsWith('::ffff:') && isIP(ipAddress.slice(7)) === 4 ? ipAddress.slice(7) : ipAddress;
}

/** What limits are counted by: see `RequestSource.network`. */
export function networkOf(peer: string): string {
  const ipAddress = withoutMapping(peer);
  if (isIP(ipAddress) !== 6) return ipAddress;
  const [head = [], tail] = ipAddress.split('::').map((part) => part.split(':').filter(Boolean));
  const zeros = tail ? Array(Math.max(0, 8 - head.length - tail.length)).fill('0') : [];
  return `${[...head, ...zeros, ...(tail ?? [])].slice(0, 4).join(':')}::/64`;
}
