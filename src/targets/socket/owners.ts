import { parseTcpTable } from '../../base/procfs.ts';
import type { HostView } from '../../model/target.ts';
import { serves } from './locality.ts';

function processFolders(host: HostView): number[] {
  return host
    .list('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function inodesIn(host: HostView, folder: string, port: number, addresses: readonly string[]): string[] {
  return ['tcp', 'tcp6']
    .flatMap((name) => parseTcpTable(host.read(`${folder}/${name}`) ?? '', port))
    .filter((socket) => socket.state === 'listen' && serves(socket.localAddressHex, addresses))
    .map((socket) => socket.inode);
}

/** Inodes of the sockets that listen on the port; several with SO_REUSEPORT. */
export function listeningInodes(host: HostView, port: number, addresses: readonly string[]): readonly string[] {
  return inodesIn(host, '/proc/net', port, addresses);
}

/**
 * Listeners in other network namespaces, which a published container port leads to.
 * One process of each namespace shows that namespace's table.
 */
export function inodesOfOtherNamespaces(host: HostView, port: number): readonly string[] {
  const own = host.link('/proc/self/ns/net');
  const seen = new Set<string | null>([null, own]);
  const inodes: string[] = [];
  for (const pid of processFolders(host)) {
    const namespace = host.link(`/proc/${pid}/ns/net`);
    if (seen.has(namespace)) {
      continue;
    }
    seen.add(namespace);
    const everyAddress = parseTcpTable(host.read(`/proc/${pid}/net/tcp`) ?? '', port)
      .concat(parseTcpTable(host.read(`/proc/${pid}/net/tcp6`) ?? '', port))
      .filter((socket) => socket.state === 'listen');
    inodes.push(...everyAddress.map((socket) => socket.inode));
  }
  return inodes;
}

/** One open socket of a process: where /proc shows it, and what it links to there. */
export interface HeldSocket {
  pid: number;
  path: string;
  link: string;
}

/** The processes that hold one of these sockets open, each once; empty also where we may not look. */
export function holdersOf(host: HostView, inodes: readonly string[]): readonly HeldSocket[] {
  const wanted = new Set(inodes.map((inode) => `socket:[${inode}]`));
  return processFolders(host).flatMap((pid) => {
    for (const name of host.list(`/proc/${pid}/fd`)) {
      const path = `/proc/${pid}/fd/${name}`;
      const link = host.link(path);
      if (link !== null && wanted.has(link)) {
        return [{ pid, path, link }];
      }
    }
    return [];
  });
}

/** Whether each is still the socket that it was: a few links, where the kernel walks a whole table for a list. */
export function areStillHeld(host: HostView, sockets: readonly HeldSocket[]): boolean {
  return sockets.length > 0 && sockets.every(({ path, link }) => host.link(path) === link);
}
