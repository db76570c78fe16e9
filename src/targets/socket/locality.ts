import { networkInterfaces } from 'node:os';
import { isLoopbackAddress } from '../../base/loopback.ts';
import type { HostView } from '../../model/target.ts';

function bareHost(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
}

/** Every address of this machine's interfaces. */
export function interfaceAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((entries) => entries?.map((entry) => entry.address) ?? []);
}

/** The addresses that the hosts file gives a name; a name server is not asked. */
function namedAddresses(name: string, host: HostView): string[] {
  return (host.read('/etc/hosts') ?? '').split('\n').flatMap((line) => {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    return address !== undefined && names.includes(name) ? [address] : [];
  });
}

/** The local addresses that the URL means, or null if it means another machine. */
export function localAddressesOf(url: URL, host: HostView, own: readonly string[]): readonly string[] | null {
  const name = bareHost(url);
  if (name === 'localhost' || name.endsWith('.localhost')) {
    return ['127.0.0.1', '::1'];
  }
  const addresses = /^[\d.]+$/.test(name) || name.includes(':') ? [name] : namedAddresses(name, host);
  const local = addresses.filter((address) => isLoopbackAddress(address) || own.includes(address));
  return local.length > 0 ? local : null;
}

/** The port that the URL means, with the scheme's default. */
export function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
}

function addressText(hex: string): string {
  const word = (text: string): string => text.match(/../g)?.reverse().join('') ?? '';
  const dotted = (text: string): string => (text.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).join('.');
  if (hex.length === 8) {
    return dotted(word(hex));
  }
  const bytes = (hex.match(/.{8}/g) ?? []).map(word).join('');
  if (/^0{20}FFFF/i.test(bytes)) {
    return dotted(bytes.slice(24));
  }
  return /^0{31}1$/.test(bytes) ? '::1' : /^0{32}$/.test(bytes) ? '::' : 'ipv6';
}

/** Whether a socket bound to `localAddressHex` takes connections to one of `addresses`. */
export function serves(localAddressHex: string, addresses: readonly string[]): boolean {
  const bound = addressText(localAddressHex);
  return (
    bound === '0.0.0.0' ||
    bound === '::' ||
    addresses.includes(bound) ||
    (bound === 'ipv6' && addresses.some((address) => address.includes(':') && address !== '::1'))
  );
}
