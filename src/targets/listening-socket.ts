import { BenchError } from '../base/errors.ts';
import { parseProcessStat } from '../base/procfs.ts';
import {
  defineFinder,
  type HostView,
  type ObservedTarget,
  type ProcessIdentity,
  type TargetAddress,
} from '../model/target.ts';
import { interfaceAddresses, localAddressesOf, portOf } from './socket/locality.ts';
import { inodesOfOtherNamespaces, listeningInodes, ownersOf } from './socket/owners.ts';
import { cgroupPathsOf, createProcessTree } from './socket/process-tree.ts';

/** Workers recycle, and a supervisor may start the server anew. */
const ownersEveryMs = 5000;
/** Several probes ask within one tick: they get one answer. */
const sameTickMs = 20;
/** Programs that hold a port for somebody else; their memory is not the target's. */
const forwarders = new Set([
  'docker-proxy',
  'rootlessport',
  'kubectl',
  'ssh',
  'sshd',
  'socat',
  'envoy',
  'nginx',
  'haproxy',
]);

function unobserved(address: TargetAddress, url: URL, description: string): ObservedTarget {
  return {
    ...address,
    id: 'listening-socket',
    description,
    host: null,
    processes: () => [],
    cgroup: { v1Memory: null, v2: null },
    metricsUrl: address.metricsUrl ?? new URL('/metrics', url),
  };
}

/** Owners whose parent owns none: of a prefork server the master alone. */
function rootsAmong(host: HostView, owners: readonly number[]): number[] {
  return owners.filter((pid) => {
    const stat = parseProcessStat(host.read(`/proc/${pid}/stat`) ?? '');
    return stat !== null && stat.state !== 'Z' && !owners.includes(stat.parentPid);
  });
}

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
    return unobserved(address, url, `remote: memory not observed (${url.host} is no address of this machine)`);
  }
  const inodesNow = (): readonly string[] => {
    const inodes = listeningInodes(host, port, addresses);
    return inodes.length > 0 ? inodes : inodesOfOtherNamespaces(host, port);
  };
  let inodes = inodesNow();
  if (inodes.length === 0) {
    throw new BenchError('TARGET_UNREACHABLE', `Nothing listens on port ${port} of ${url.hostname}.`, {
      hint: 'Start the server, or check the address and port of --target.',
    });
  }
  let roots = rootsAmong(host, ownersOf(host, inodes));
  if (roots.length === 0) {
    return unobserved(
      address,
      url,
      `memory not observed (the process that listens on port ${port} belongs to another user; run as that user or as root)`,
    );
  }
  const tree = createProcessTree(host);
  tree.setRoots(roots);
  let processes: readonly ProcessIdentity[] = tree.scan();
  const forwarder = processes.find((process) => process.isRoot && forwarders.has(process.role));
  if (forwarder !== undefined) {
    return unobserved(
      address,
      url,
      `memory not observed (port ${port} is held by ${forwarder.role}, which forwards to another process)`,
    );
  }
  let cgroup = cgroupPathsOf(host, roots[0] ?? 'self');
  let scannedMs = nowMs();
  let ownersMs = scannedMs;

  const rescanOwners = (hasLostRoot: boolean): void => {
    const found = inodesNow();
    // The table alone is cheap; who holds the sockets is asked again only if something changed.
    if (!hasLostRoot && found.join() === inodes.join()) {
      return;
    }
    inodes = found;
    roots = found.length === 0 ? [] : rootsAmong(host, ownersOf(host, found));
    tree.setRoots(roots);
    processes = tree.scan();
    cgroup = roots[0] === undefined ? cgroup : cgroupPathsOf(host, roots[0]);
  };

  return {
    ...unobserved(
      address,
      url,
      `port ${port}: ${processes
        .map((process) => `${process.role}#${process.pid}`)
        .slice(0, 8)
        .join(', ')}${processes.length > 8 ? `, and ${processes.length - 8} more` : ''}`,
    ),
    host,
    get cgroup() {
      return cgroup;
    },
    processes() {
      const now = nowMs();
      if (now - scannedMs < sameTickMs) {
        return processes;
      }
      scannedMs = now;
      processes = tree.scan();
      const hasLostRoot = roots.length === 0 || processes.filter((process) => process.isRoot).length < roots.length;
      if (hasLostRoot || now - ownersMs >= ownersEveryMs) {
        ownersMs = now;
        rescanOwners(hasLostRoot);
      }
      return processes;
    },
  };
}

/** From the URL's port to the processes that listen there, and all below them. */
export const listeningSocket = defineFinder({
  id: 'listening-socket',
  title: 'The processes that listen on the port of the URL',
  find: (_observe, address, host) => Promise.resolve().then(() => findListeningSocket(address, host)),
});
