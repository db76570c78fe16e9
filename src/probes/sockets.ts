import { parseTcpTable, type TcpSocket } from '../base/procfs.ts';
import type { Probe, Sample } from '../model/probe.ts';

/** The kernel walks its whole table for each read, 1 to 2 ms at any number of sockets. */
const everyMs = 1000;
/** A tick a little early must not skip its turn. */
const slackMs = 50;

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
    const { host } = target;
    if (host === null) {
      return Promise.resolve({ unavailable: target.description });
    }
    const port = target.url.port === '' ? (target.url.protocol === 'https:' ? 443 : 80) : Number(target.url.port);
    let lastMs = Number.NEGATIVE_INFINITY;
    return Promise.resolve({
      read(tick) {
        if (tick.tMs - lastMs < everyMs - slackMs) {
          return Promise.resolve({ samples: [], events: [] });
        }
        lastMs = tick.tMs;
        const root = target.processes().find((process) => process.isRoot);
        // Through the root, so that a container's own network is seen.
        const folder = root === undefined ? '/proc/net' : `/proc/${root.pid}/net`;
        const texts = ['tcp', 'tcp6'].flatMap((name) => host.read(`${folder}/${name}`) ?? []);
        const found = texts.length === 0 ? null : texts.flatMap((text) => parseTcpTable(text, port));
        return Promise.resolve({ samples: socketSamples(found, port), events: [] });
      },
      close: () => Promise.resolve(),
    });
  },
};
