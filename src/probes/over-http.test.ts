import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { OpenProbe, Probe, Tick } from '../model/probe.ts';
import { metricsPage } from '../testing/captured/prometheus.ts';
import { clientSelf, eventLoopLagMs } from './client-self.ts';
import { healthRtt, healthSamples } from './health-rtt.ts';
import { backgroundGet } from './http/background-get.ts';
import { parsePrometheus, targetMetrics } from './target-metrics.ts';

const servers: http.Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(answer: (request: http.IncomingMessage, response: http.ServerResponse) => void): Promise<URL> {
  const server = http.createServer(answer).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

async function opened(probe: Probe, url: URL): Promise<OpenProbe> {
  const open = await probe.open({
    id: 'listening-socket',
    description: '',
    host: null,
    processes: () => [],
    cgroup: { v1Memory: null, v2: null },
    url,
    healthPath: '/health',
    readyPath: null,
    deviceMonitor: null,
    metricsUrl: new URL('/metrics', url),
  });
  if ('unavailable' in open) {
    throw new Error(open.unavailable);
  }
  return open;
}

const tick = (stageKind: Tick['stageKind']): Tick => ({ tMs: 0, stage: 's', stageKind, quiesced: false });

/** Reads again until something has come back: the answer is under way on loopback. */
async function readUntilAnswered(probe: OpenProbe): Promise<Awaited<ReturnType<OpenProbe['read']>>> {
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

describe('health-rtt', () => {
  it.each([
    [200, 1],
    [204, 1],
    [503, 0],
  ])('reports status %i as health %i at a later tick', async (status, ok) => {
    const url = await serve((_request, response) => {
      response.writeHead(status).end();
    });
    const probe = await opened(healthRtt, url);
    expect((await probe.read(tick('idle'))).samples).toEqual([]);
    const { samples } = await readUntilAnswered(probe);
    expect(samples.map((sample) => sample.value).slice(1)).toEqual([ok, status]);
    expect(samples[0]?.value).toBeGreaterThan(0);
    await probe.close();
  });

  it('has no round trip for a refused connection', async () => {
    const probe = await opened(healthRtt, new URL('http://127.0.0.1:9'));
    const { samples } = await readUntilAnswered(probe);
    expect(samples.map((sample) => sample.value)).toEqual([null, 0, null]);
    await probe.close();
  });

  it('sends nothing in a silence', async () => {
    let requests = 0;
    const url = await serve((_request, response) => {
      requests += 1;
      response.end();
    });
    const probe = await opened(healthRtt, url);
    for (let round = 0; round < 20; round += 1) {
      expect((await probe.read(tick('silence'))).samples).toEqual([]);
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    expect(requests).toBe(0);
    await probe.close();
  });

  it('counts an answer that did not come as not healthy', () => {
    expect(healthSamples({ status: null, rttMs: null, body: null }).map((sample) => sample.value)).toEqual([
      null,
      0,
      null,
    ]);
  });
});

describe('backgroundGet', () => {
  it('lets go of a request that is older than its time and asks only once meanwhile', async () => {
    let requests = 0;
    const url = await serve(() => {
      requests += 1;
    });
    const get = backgroundGet(url, { timeoutMs: 60, bodyLimitBytes: 0 });
    let result = get.take();
    while (result === null) {
      if (requests < 2) {
        get.fire();
      }
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      result = get.take();
    }
    expect(result).toEqual({ status: null, rttMs: null, body: null });
    expect(requests).toBeLessThanOrEqual(1);
    get.close();
  });

  it('keeps no more of a body than its limit', async () => {
    const url = await serve((_request, response) => {
      response.end('x'.repeat(1_000_000));
    });
    const get = backgroundGet(url, { timeoutMs: 5000, bodyLimitBytes: 70_000 });
    get.fire();
    let result = get.take();
    while (result === null) {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      result = get.take();
    }
    expect(result.status).toBe(200);
    expect(result.body?.length).toBeLessThanOrEqual(70_000);
    get.close();
  });
});

describe('target-metrics', () => {
  it('keeps counters and gauges that we know and null for a value that is no number', () => {
    expect([...parsePrometheus(metricsPage)]).toEqual([
      ['uttera_stt_inflight_requests', 7],
      ['uttera_stt_oom_predictor_skipped_total', 3],
      ['headroom_device_used_bytes{kind="virtual"}', 18_253_611_008],
      ['headroom_label_odd{path="/a b\\"}c",x="1"}', 2],
      ['vllm:kv_cache_usage_perc{model_name="m"}', null],
      ['process_resident_memory_bytes', 52_000_000],
    ]);
  });

  it('reads a page, and gives null for what it knew when the page fails', async () => {
    let isBroken = false;
    const url = await serve((_request, response) => {
      response.writeHead(isBroken ? 500 : 200).end(metricsPage);
    });
    const probe = await opened(targetMetrics, url);
    expect((await readUntilAnswered(probe)).samples).toHaveLength(6);
    isBroken = true;
    let reading = await readUntilAnswered(probe);
    while (reading.samples[0]?.value !== null) {
      reading = await readUntilAnswered(probe);
    }
    expect(reading.samples.map((sample) => sample.value)).toEqual([null, null, null, null, null, null]);
    await probe.close();
  });

  it('says once that there is no such page and asks no more', async () => {
    let requests = 0;
    const url = await serve((_request, response) => {
      requests += 1;
      response.writeHead(404).end();
    });
    const probe = await opened(targetMetrics, url);
    const { events } = await readUntilAnswered(probe);
    expect(events).toEqual([
      { kind: 'probe_unavailable', subject: 'target-metrics', detail: `${url.href}metrics answers 404` },
    ]);
    const before = requests;
    expect(await probe.read(tick('load'))).toEqual({ samples: [], events: [] });
    expect(requests).toBe(before);
    await probe.close();
  });
});

describe('client-self', () => {
  it('takes the timer of the histogram off the lag and has none before the first reading', () => {
    expect(eventLoopLagMs(0, 0)).toBeNull();
    expect(eventLoopLagMs(10.4e6, 5)).toBeCloseTo(0.4);
    expect(eventLoopLagMs(9e6, 5)).toBe(0);
  });

  it('reads this process', async () => {
    const probe = await opened(clientSelf, new URL('http://127.0.0.1:9'));
    const { samples } = await probe.read(tick('load'));
    expect(samples.map((sample) => sample.metric)).toEqual(['rss_bytes', 'cpu_seconds', 'event_loop_lag_ms']);
    expect(samples[0]?.value).toBeGreaterThan(10_000_000);
    await probe.close();
  });
});
