import { BenchError } from '../base/errors.ts';
import { parseProcessStat } from '../base/procfs.ts';
import { defineFinder, type HostView, type ObservedTarget, type TargetAddress } from '../model/target.ts';
import { interfaceAddresses, localAddressesOf, portOf } from './socket/locality.ts';
import { areStillHeld, type HeldSocket, holdersOf, inodesOfOtherNamespaces, listeningInodes } from './socket/owners.ts';
import { cgroupPathsOf } from './socket/process-tree.ts';
import { assertReachable } from './socket/reachability.ts';
import { followTree } from './tree/follow-tree.ts';
import { nameProcesses } from './tree/name-processes.ts';
import { unobserved } from './tree/unobserved.ts';

const intoContainer = 'name the container with --container';
const elsewhere = 'if it leads to another machine, sample there with bench agent, or use --prometheus';
const behindProxy = 'name the server with --pid, --unit, --cgroup or --container';
/** Programs that hold a port for somebody else, whose memory is not the target's, and how to name the target. */
const forwarders: ReadonlyMap<string, string> = new Map([
  ['docker-proxy', intoContainer],
  ['rootlessport', intoContainer],
  ['slirp4netns', intoContainer],
  ['pasta', intoContainer],
  ['conmon', intoContainer],
  ['kubectl', elsewhere],
  ['ssh', elsewhere],
  ['sshd', elsewhere],
  ['socat', behindProxy],
  ['envoy', behindProxy],
  ['nginx', behindProxy],
  ['haproxy', behindProxy],
]);

/**
 * While those who listen still do, the table is read at every fourth look only: whoever has come to listen beside them
 * is found within a minute, and whoever has taken their place at the first look.
 */
const looksPerTable = 4;

const pidsOf = (held: readonly HeldSocket[]): number[] => held.map(({ pid }) => pid);

/** Those whose parent holds none: of a prefork server the master alone, since workers come and go. */
function rootsAmong(host: HostView, holders: readonly HeldSocket[]): HeldSocket[] {
  const owners = pidsOf(holders);
  return holders.filter(({ pid }) => {
    const stat = parseProcessStat(host.read(`/proc/${pid}/stat`) ?? '');
    return stat !== null && stat.state !== 'Z' && !owners.includes(stat.parentPid);
  });
}

/** macOS and others have none. */
const hasSocketTable = (host: HostView): boolean =>
  ['/proc/net/tcp', '/proc/net/tcp6'].some((path) => host.read(path) !== null);

/** Finds the target behind a URL; `ownAddresses` and `nowMs` are arguments for tests. */
export function findListeningSocket(
  address: TargetAddress,
  host: HostView,
  ownAddresses: readonly string[] = interfaceAddresses(),
  nowMs: () => number = () => performance.now(),
): ObservedTarget {
  const { url } = address;
  if (url === null) {
    throw new BenchError('USAGE', 'There is no URL whose port could lead to a process.', {
      hint: 'Name the server with --target, --pid, --cgroup, --unit or --container.',
    });
  }
  const port = portOf(url);
  const addresses = localAddressesOf(url, host, ownAddresses);
  if (addresses === null) {
    const remote = `remote: memory not observed (${url.host} is no address of this machine; sample it there with bench agent, or take it from --prometheus)`;
    return unobserved('listening-socket', address, remote);
  }
  const inodesNow = (): readonly string[] => {
    const inodes = listeningInodes(host, port, addresses);
    return inodes.length > 0 ? inodes : inodesOfOtherNamespaces(host, port);
  };
  if (!hasSocketTable(host)) {
    const why = 'this host has no /proc/net/tcp, which tells who listens; load and latency are measured all the same';
    return unobserved('listening-socket', address, `memory not observed (${why})`);
  }
  let inodes = inodesNow();
  if (inodes.length === 0) {
    throw new BenchError('TARGET_UNREACHABLE', `Nothing listens on port ${port} of ${url.hostname}.`, {
      hint: 'Start the server, or check the address and port of --target.',
    });
  }
  const withoutMemory = (why: string): ObservedTarget =>
    unobserved('listening-socket', address, `memory not observed (${why})`);
  let held = rootsAmong(host, holdersOf(host, inodes));
  const [first] = held;
  if (first === undefined) {
    return withoutMemory(
      `the process that listens on port ${port} belongs to another user; run as that user or as root`,
    );
  }
  let cgroup = cgroupPathsOf(host, first.pid);
  let looks = 0;
  const processes = followTree(host, {
    roots: pidsOf(held),
    nowMs,
    rescan(hasLostRoot) {
      looks += 1;
      if (!hasLostRoot && looks % looksPerTable !== 0 && areStillHeld(host, held)) {
        return null;
      }
      const found = inodesNow();
      // Who holds the sockets is asked again only if something changed.
      if (!hasLostRoot && found.join() === inodes.join()) {
        return null;
      }
      inodes = found;
      held = found.length === 0 ? [] : rootsAmong(host, holdersOf(host, found));
      cgroup = held[0] === undefined ? cgroup : cgroupPathsOf(host, held[0].pid);
      return pidsOf(held);
    },
  });
  const forwarder = processes().find((process) => process.isRoot && forwarders.has(process.role));
  if (forwarder !== undefined) {
    const { role } = forwarder;
    return withoutMemory(
      `port ${port} is held by ${role}, which forwards to another process; ${forwarders.get(role) ?? ''}`,
    );
  }
  return {
    ...unobserved('listening-socket', address, `port ${port}: ${nameProcesses(processes())}`),
    host,
    get cgroup() {
      return cgroup;
    },
    processes,
  };
}

/** From the URL's port to the processes that listen there, and all below them (PROTOCOL 4.2). */
export const listeningSocket = defineFinder({
  id: 'listening-socket',
  title: 'The processes that listen on the port of the URL',
  async find(_observe, address, host) {
    if (address.url !== null && !hasSocketTable(host)) {
      await assertReachable(address.url);
    }
    return findListeningSocket(address, host);
  },
});
