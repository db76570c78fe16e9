import { parseTcpTable, type TcpSocket } from '../base/procfs.ts';
import type { OpenProbe, Probe, Sample } from '../model/probe.ts';
import type { HostView, ObservedTarget } from '../model/target.ts';

/** A tick a little early must not skip its turn, so this is less than a second. */
const everyMs = 950;
/**
 * The kernel walks its whole table for each read, 1 to 2 ms at any number of sockets and
 * 10 ms on a machine that is busy. Waiting 3000 times as long, 5 s at most, keeps it near 0.03 % of a core.
 */
const restPerCost = 3000;
const longestRestMs = 5000;
const tables = ['tcp', 'tcp6'] as const;

/** Which kernel states are counted under which metric; those of a client's end cannot be a server's. */
const counted: readonly [metric: string, states: readonly TcpSocket['state'][]][] = [
  ['established', ['established']],
  ['syn_recv', ['syn_recv']],
  ['close_wait', ['close_wait']],
  ['last_ack', ['last_ack']],
  ['fin_wait', ['fin_wait1', 'fin_wait2', 'closing']],
  ['time_wait', ['time_wait']],
];

/** Sums over the sockets of one port; `null` for a table that could not be read. */
export function socketSamples(sockets: readonly TcpSocket[] | null, port: number): Sample[] {
  const listening = sockets?.filter((socket) => socket.state === 'listen') ?? [];
  // Bytes that came before the peer closed wait in the kernel as well.
  const holding = sockets?.filter((socket) => socket.state !== 'listen') ?? [];
  const values: [string, number | null][] = [
    ['accept_queue', listening.length === 0 ? null : listening.reduce((sum, socket) => sum + socket.receiveQueue, 0)],
    ...counted.map(([metric, states]): [string, number | null] => [
      metric,
      sockets === null ? null : sockets.filter((socket) => states.includes(socket.state)).length,
    ]),
    ['recv_queue_bytes', sockets === null ? null : holding.reduce((sum, socket) => sum + socket.receiveQueue, 0)],
    ['send_queue_bytes', sockets === null ? null : holding.reduce((sum, socket) => sum + socket.sendQueueBytes, 0)],
  ];
  return values.map(([metric, value]) => ({ scope: 'target', instance: `:${port}`, metric, value }));
}

/** /proc/net/netstat has a line of names and a line of values for each group of counters. */
export function parseNetstat(text: string, group: string): ReadonlyMap<string, number> {
  const [names, values] = text.split('\n').filter((line) => line.startsWith(`${group}: `));
  const fields = (line: string | undefined): readonly string[] => line?.trim().split(' ').slice(1) ?? [];
  const numbers = fields(values);
  return new Map(
    fields(names).flatMap((name, index) => {
      const digits = /^\d{1,20}$/.exec(numbers[index] ?? '')?.[0];
      return digits === undefined ? [] : [[name, Number(digits)] as const];
    }),
  );
}

function queueSamples(host: HostView, folder: string, rootPid: number | null, port: number): Sample[] {
  const counters = parseNetstat(host.read(`${folder}/netstat`) ?? '', 'TcpExt');
  // The kernel answers with the bound of the namespace of whoever reads it.
  const isOurNetwork = rootPid === null || host.link(`/proc/${rootPid}/ns/net`) === host.link('/proc/self/ns/net');
  const bound = isOurNetwork ? /^\d{1,10}\b/.exec(host.read('/proc/sys/net/core/somaxconn') ?? '')?.[0] : undefined;
  const values: [string, number | null][] = [
    ['somaxconn', bound === undefined ? null : Number(bound)],
    ['listen_overflows', counters.get('ListenOverflows') ?? null],
    ['listen_drops', counters.get('ListenDrops') ?? null],
  ];
  return values.map(([metric, value]) => ({ scope: 'target', instance: `:${port}`, metric, value }));
}

function openOn(target: ObservedTarget, host: HostView, port: number): OpenProbe {
  let nextMs = Number.NEGATIVE_INFINITY;
  let listenedIn: readonly string[] = [];
  // A server listens in one table as a rule, and its connections stand in the same.
  const readTables = (folder: string): readonly TcpSocket[] | null => {
    const names = listenedIn.length > 0 ? listenedIn : tables;
    const found = names.flatMap((name) => {
      const text = host.read(`${folder}/${name}`);
      return text === null ? [] : [{ name, rows: parseTcpTable(text, port) }];
    });
    listenedIn = found.filter(({ rows }) => rows.some((row) => row.state === 'listen')).map(({ name }) => name);
    return found.length === 0 ? null : found.flatMap(({ rows }) => rows);
  };
  return {
    read(tick) {
      if (tick.tMs < nextMs) {
        return Promise.resolve({ samples: [], events: [] });
      }
      const startedMs = performance.now();
      const root = target.processes().find((process) => process.isRoot);
      // Through the root, so that a container's own network is seen.
      const folder = root === undefined ? '/proc/net' : `/proc/${root.pid}/net`;
      const samples = [
        ...socketSamples(readTables(folder), port),
        ...queueSamples(host, folder, root?.pid ?? null, port),
      ];
      const costMs = performance.now() - startedMs;
      nextMs = tick.tMs + Math.min(longestRestMs, Math.max(everyMs, restPerCost * costMs));
      return Promise.resolve({ samples, events: [] });
    },
    close: () => Promise.resolve(),
  };
}

export const sockets: Probe = {
  id: 'sockets',
  title: "Queues of the target's sockets",
  metrics: [
    { metric: 'accept_queue', unit: 'connections', description: 'connections that wait to be accepted' },
    {
      metric: 'somaxconn',
      unit: 'connections',
      description: "the most that the accept queue may hold; the server's own backlog may be lower",
    },
    {
      metric: 'listen_overflows',
      unit: 'connections',
      description: "connections refused for a full accept queue, in the target's network namespace since it was made",
    },
    {
      metric: 'listen_drops',
      unit: 'connections',
      description: 'connections dropped before they were accepted, for whatever reason, counted like overflows',
    },
    { metric: 'established', unit: 'connections', description: "established connections at the server's end" },
    { metric: 'syn_recv', unit: 'connections', description: 'connections in the handshake' },
    { metric: 'close_wait', unit: 'connections', description: 'closed by the client, not yet by the server' },
    { metric: 'last_ack', unit: 'connections', description: 'closed by both, the last acknowledgement is missing' },
    { metric: 'fin_wait', unit: 'connections', description: 'closed by the server, not yet by the client' },
    { metric: 'time_wait', unit: 'connections', description: 'closed by the server first, kept for late packets' },
    { metric: 'recv_queue_bytes', unit: 'bytes', description: 'bytes that the server has not read: kernel memory' },
    {
      metric: 'send_queue_bytes',
      unit: 'bytes',
      description: 'bytes that the server has sent and nobody acknowledged',
    },
  ],
  open(target) {
    const { host, url } = target;
    if (host === null) {
      return Promise.resolve({ unavailable: target.description });
    }
    if (url === null) {
      return Promise.resolve({ unavailable: 'no URL of the server is known; name it with --target' });
    }
    const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
    return Promise.resolve(openOn(target, host, port));
  },
};
