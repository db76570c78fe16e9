import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OpenProbe, Probe, Tick } from '../model/probe.ts';
import type { BackgroundGet, GetResult } from '../probes/http/background-get.ts';

const servers: http.Server[] = [];

/** For `afterEach`. */
export function closeServers(): void {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
}

export async function serve(
  answer: (request: http.IncomingMessage, response: http.ServerResponse) => void,
): Promise<URL> {
  const server = http.createServer(answer).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

export async function opened(probe: Probe, url: URL, readyPath: string | null = null): Promise<OpenProbe> {
  const open = await probe.open({
    id: 'listening-socket',
    description: '',
    host: null,
    processes: () => [],
    cgroup: { v1Memory: null, v2: null },
    url,
    healthPath: '/health',
    readyPath,
    deviceMonitor: null,
    metricsUrl: new URL('/metrics', url),
  });
  if ('unavailable' in open) {
    throw new Error(open.unavailable);
  }
  return open;
}

let tickMs = 0;
export const tick = (stageKind: Tick['stageKind']): Tick => {
  tickMs += 1000;
  return { tMs: tickMs, stage: 's', stageKind, quiesced: false };
};

/** Reads again until something has come back: the answer is under way on loopback. */
export async function readUntilAnswered(probe: OpenProbe): Promise<Awaited<ReturnType<OpenProbe['read']>>> {
  for (;;) {
    const reading = await probe.read(tick('load'));
    if (reading.samples.length > 0 || reading.events.length > 0) {
      return reading;
    }
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

export async function taken(get: BackgroundGet): Promise<GetResult> {
  let result = get.take();
  await until(() => {
    result ??= get.take();
    return result !== null;
  });
  return result as GetResult;
}
