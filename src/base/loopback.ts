import { BlockList, isIP } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether a literal address never leaves this machine (RFC 1122, 3.2.1.3; RFC 4291, 2.5.3). A name is none. */
export function isLoopbackAddress(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && loopback.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/** The same of a host as a URL or a user writes it: also `localhost`, and an address in brackets. */
export function isLoopbackHost(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return bare === 'localhost' || isLoopbackAddress(bare);
}

/**
 * Whether the Host header of a request names this machine. A page in a browser can reach a server on loopback by a
 * name of its own that leads here; the header then still holds that name.
 */
export function isLoopbackAuthority(header: string | undefined): boolean {
  const origin = `http://${header ?? ''}`;
  return URL.canParse(origin) && isLoopbackHost(new URL(origin).hostname);
}
