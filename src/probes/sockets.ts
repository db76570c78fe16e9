import { parseTcpTable, type TcpSocket } from '../base/procfs.ts';
import type { Probe, Sample } from '../model/probe.ts';

/** A tick a little early must not skip its turn, so this is less than a second. */
const everyMs = 950;
/**
 * The kernel walks its whole table for each read, 1 to 2 ms at any number of sockets and
 * 10 ms on a machine that is busy. Waiting 200 times as long keeps it below 0.5 % of a core.
 */
const restPerCost = 200;
const longestRestMs = 5000;
const tables = ['tcp', 'tcp6'] as const;

/** Sums over the sockets of one port; `null` for a table that could not be read. */
export function socketSamples(sockets: readonly TcpSocket[] | null, port: number): Sample[] {
  const listening = sockets?.filter((socket) => socket.state === 'listen') ?? [];
  const established = sockets?.filter((socket) => socket.state === 'established') ?? [];
  const values: [string, number | null][] = [
    ['accept_queue', listening.length === 0 ? null : listening.reduce((sum, socket) => sum + socket.receiveQueue, 0)],
    ['established', sockets === null ? null : established.length],
    ['recv_queue_bytes', sockets === null ? null : established.reduce((sum, socket) => sum + socket.receiveQueue, 0)],
    ['send_queue_bytes', sockets === null ? null : established.reduce((sum, socket) => sum + socket.sendQueueBytes, 0)],
  ];
  return values.map(([metric, value]) => ({ scope: 'target', instance: `:${port}`, metric, value }));
}

export const sockets: Probe = {
  id: 'sockets',
  title: "Queues of the target's sockets",
  metrics: [
    { metric: 'accept_queue', unit: 'connections', description: 'connections that wait to be accepted' },
    { metric: 'established', unit: 'connections', description: "established connections at the server's end" },
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
    return Promise.resolve({
      read(tick) {
        if (tick.tMs < nextMs) {
          return Promise.resolve({ samples: [], events: [] });
        }
        const startedMs = performance.now();
        const root = target.processes().find((process) => process.isRoot);
        // Through the root, so that a container's own network is seen.
        const folder = root === undefined ? '/proc/net' : `/proc/${root.pid}/net`;
        const samples = socketSamples(readTables(folder), port);
        const costMs = performance.now() - startedMs;
        nextMs = tick.tMs + Math.min(longestRestMs, Math.max(everyMs, restPerCost * costMs));
        return Promise.resolve({ samples, events: [] });
      },
      close: () => Promise.resolve(),
    });
  },
};
