import { isIP, isIPv6 } from 'node:net';
import { isLoopbackAddress, isLoopbackHost } from '../../base/loopback.ts';

/** Names that give a person or a machine away, as far as they are known. */
export interface KnownNames {
  hosts: readonly string[];
  users: readonly string[];
  /** First folders of absolute paths, beside those that every system has. */
  pathRoots: readonly string[];
  /** Folders of control groups beside those that every system has. */
  groups: readonly string[];
  /** `uname -r`; what a vendor adds to the number is left out. null: not known. */
  kernelRelease: string | null;
}

/** Below these lie people's files; /proc, /sys and /dev are the kernel's, and the same everywhere. */
const usualRoots = [
  'home',
  'Users',
  'root',
  'tmp',
  'private',
  'var',
  'opt',
  'srv',
  'mnt',
  'media',
  'usr',
  'etc',
  'run',
  'data',
  'Volumes',
  'workspace',
];
/** Of systemd, Docker, containerd and Kubernetes. */
const commonGroup = /\.(?:slice|scope|service)$|^(?:docker|kubepods|kubelet|containerd|podman|lxc|init|user|machine)$/;
/** A shorter one is a word of other texts too. */
const leastGroupLength = 4;
/** Every container and many services run as these: they name nobody. */
const commonUsers = new Set([
  'root',
  'nobody',
  'node',
  'user',
  'admin',
  'app',
  'debian',
  'ubuntu',
  'ec2-user',
  'runner',
]);

const ipv4 = /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\w)/g;
const ipv6 = /(?<![\w:.])[0-9a-fA-F:]{2,39}(?:%\w{1,16})?(?![\w:])/g;
const mac = /(?<![\w:])(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}(?![\w:])/g;
const uuid = /[0-9a-fA-F]{8}([-_])[0-9a-fA-F]{4}\1[0-9a-fA-F]{4}\1[0-9a-fA-F]{4}\1[0-9a-fA-F]{12}/g;
/** Ids of containers and sandboxes within a path of a cgroup. */
const longId = /(?<=[/-])[0-9a-f]{12,64}(?![\w-])/g;

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function wordsPattern(words: readonly string[]): RegExp | null {
  const distinct = [...new Set(words.filter((word) => word !== ''))].sort((a, b) => b.length - a.length);
  return distinct.length === 0 ? null : new RegExp(`(?<![\\w-])(?:${distinct.map(escaped).join('|')})(?![\\w-])`, 'gi');
}

/**
 * Replaces names by others, the same name always by the same one: hosts by `host-1`, users by `user-1`, absolute paths
 * by `/path-1`, addresses by those that are kept for examples (RFC 5737, RFC 3849), ids by `id-1`. Loopback stays.
 */
export class Aliases {
  readonly #hosts: RegExp | null;
  readonly #users: RegExp | null;
  readonly #groups: RegExp | null;
  readonly #release: string | null;
  readonly #paths: RegExp;
  readonly #given = new Map<string, number>();
  readonly #counts = new Map<string, number>();
  readonly #masked = new Map<string, string>();

  constructor(known: KnownNames) {
    this.#hosts = wordsPattern(known.hosts.filter((host) => isIP(host) === 0 && !isLoopbackHost(host)));
    this.#users = wordsPattern(known.users.filter((user) => !commonUsers.has(user)));
    this.#groups = wordsPattern(
      known.groups.filter((group) => group.length >= leastGroupLength && !commonGroup.test(group)),
    );
    this.#release = known.kernelRelease;
    const roots = [...new Set([...usualRoots, ...known.pathRoots.filter((root) => root !== '')])];
    // Within a URL a path follows a host; behind file:// it is a path of the machine.
    this.#paths = new RegExp(
      `(?:(?<![\\w.:/*-])|(?<=file://)|(?<=\\w=)|(?<=-[IL]))/(?:${roots.map(escaped).join('|')})(?:/[^\\s"'\`,;:()<>|&\\]}]*)?(?![\\w-])`,
      'g',
    );
  }

  mask(text: string): string {
    const known = this.#masked.get(text);
    if (known !== undefined) {
      return known;
    }
    const masked = this.#replace(text);
    // Samples say the same few names over and over; logs never do.
    if (text.length < 200 && this.#masked.size < 10_000) {
      this.#masked.set(text, masked);
    }
    return masked;
  }

  #replace(text: string): string {
    let result = text
      .replaceAll(this.#paths, (found) => `/${this.#alias('path', found)}`)
      .replaceAll(uuid, (found) => this.#alias('id', found))
      .replaceAll(longId, (found) => this.#alias('id', found))
      .replaceAll(mac, (found) => `02:00:00:00:00:${this.#number('mac', found).toString(16).padStart(2, '0')}`)
      .replaceAll(ipv4, (found) => this.#ipv4(found))
      .replaceAll(ipv6, (found) => this.#ipv6(found));
    if (this.#release !== null) {
      result = result.replaceAll(this.#release, /^[\d.]*/.exec(this.#release)?.[0] ?? '');
    }
    if (this.#groups !== null) {
      result = result.replaceAll(this.#groups, (found) => this.#alias('group', found));
    }
    if (this.#hosts !== null) {
      result = result.replaceAll(this.#hosts, (found) => this.#alias('host', found.toLowerCase()));
    }
    return this.#users === null
      ? result
      : result.replaceAll(this.#users, (found) => this.#alias('user', found.toLowerCase()));
  }

  #ipv4(found: string): string {
    if (isIP(found) !== 4 || isLoopbackAddress(found) || found === '0.0.0.0') {
      return found;
    }
    const number = this.#number('ipv4', found);
    const nets = ['192.0.2', '198.51.100', '203.0.113'] as const;
    return `${nets[Math.floor((number - 1) / 254) % nets.length]}.${((number - 1) % 254) + 1}`;
  }

  #ipv6(found: string): string {
    const address = found.split('%')[0] ?? '';
    if (!isIPv6(address) || isLoopbackAddress(address) || address === '::') {
      return found;
    }
    return `2001:db8::${this.#number('ipv6', found.toLowerCase()).toString(16)}`;
  }

  #alias(kind: string, name: string): string {
    return `${kind}-${this.#number(kind, name)}`;
  }

  #number(kind: string, name: string): number {
    const key = `${kind} ${name}`;
    const given = this.#given.get(key);
    if (given !== undefined) {
      return given;
    }
    const next = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, next);
    this.#given.set(key, next);
    return next;
  }
}
