import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { OpenProbe, Probe, Tick } from '../model/probe.ts';
import { metricsPage } from '../testing/captured/prometheus.ts';
import { clientSelf, eventLoopLagMs } from './client-self.ts';
import { healthRtt, healthSamples } from './health-rtt.ts';
import { type BackgroundGet, backgroundGet, type GetResult } from './http/background-get.ts';
import { parsePrometheusText } from './http/prometheus-text.ts';
import { targetMetrics } from './target-metrics.ts';

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

async function opened(probe: Probe, url: URL, readyPath: string | null = null): Promise<OpenProbe> {
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
const tick = (stageKind: Tick['stageKind']): Tick => {
  tickMs += 1000;
  return { tMs: tickMs, stage: 's', stageKind, quiesced: false };
};

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

const mib = 1024 ** 2;

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

async function taken(get: BackgroundGet): Promise<GetResult> {
  let result = get.take();
  await until(() => {
    result ??= get.take();
    return result !== null;
  });
  return result as GetResult;
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
    const nothing = { status: null, rttMs: null, body: null, cut: 'late' } as const;
    expect(healthSamples('health', nothing).map((sample) => sample.value)).toEqual([null, 0, null]);
  });

  it('counts an answer that began in time and did not end as no answer', () => {
    const trickle = { status: 200, rttMs: null, body: 'o', cut: 'late' } as const;
    expect(healthSamples('health', trickle).map((sample) => sample.value)).toEqual([null, 0, null]);
  });

  it('asks liveness and readiness apart, each on a connection of its own', async () => {
    const asked = new Map<string, number>();
    const url = await serve((request, response) => {
      asked.set(request.url ?? '', request.socket.remotePort ?? 0);
      response.writeHead(request.url === '/ready' ? 503 : 200).end();
    });
    const probe = await opened(healthRtt, url, '/ready');
    const seen: string[] = [];
    while (new Set(seen).size < 2) {
      const { samples } = await readUntilAnswered(probe);
      seen.push(
        ...samples
          .filter(({ metric }) => metric === 'health_ok')
          .map(({ instance, value }) => `${instance} ${String(value)}`),
      );
    }
    expect([...new Set(seen)].sort()).toEqual(['health 1', 'ready 0']);
    expect(asked.get('/health')).not.toBe(asked.get('/ready'));
    await probe.close();
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
    expect(result).toEqual({ status: null, rttMs: null, body: null, cut: 'late' });
    expect(requests).toBeLessThanOrEqual(1);
    get.close();
  });

  it('keeps no more of a body than its limit, and lets the connection go there', async () => {
    let closed = 0;
    let written = 0;
    const url = await serve((_request, response) => {
      response.on('close', () => {
        closed += 1;
      });
      const chunk = Buffer.alloc(64 * 1024, 'x');
      const pump = (): void => {
        while (!response.destroyed && written < 50 * mib) {
          written += chunk.length;
          if (!response.write(chunk)) {
            response.once('drain', pump);
            return;
          }
        }
      };
      pump();
    });
    const get = backgroundGet(url, { timeoutMs: 5000, bodyLimitBytes: 70_000 });
    get.fire();
    const result = await taken(get);
    expect(result).toMatchObject({ status: 200, cut: 'large' });
    expect(result.body?.length).toBe(70_000);
    await until(() => closed === 1);
    expect(written).toBeLessThan(20 * mib);
    get.close();
  });

  it('cuts a page that trickles at the timeout and keeps what came', async () => {
    const url = await serve((_request, response) => {
      response.write('process_a 1\nprocess_b 2\nproc');
    });
    const get = backgroundGet(url, { timeoutMs: 150, bodyLimitBytes: 70_000 });
    get.fire();
    expect(await taken(get)).toEqual({
      status: 200,
      rttMs: null,
      body: 'process_a 1\nprocess_b 2\nproc',
      cut: 'late',
    });
    get.close();
  });
});

describe('the Prometheus text format', () => {
  const parse = (text: string, mostSeries = 100) =>
    parsePrometheusText(text, { allowedPrefixes: ['process_', 'vllm:'], mostSeries });

  it.each([
    { why: 'no newline at the end', text: 'process_x 1', values: [['process_x', 1]] },
    { why: 'a Windows line end', text: 'process_x 1\r\n', values: [['process_x', 1]] },
    { why: 'a time of its own', text: 'process_x 1 1700000000000', values: [['process_x', 1]] },
    { why: 'a brace in a label', text: 'process_x{a="}"} 1', values: [['process_x{a="}"}', 1]] },
    { why: 'an escaped quote', text: 'process_x{a="\\"}"} 1', values: [['process_x{a="\\"}"}', 1]] },
    { why: 'infinity, which is no level', text: 'process_x +Inf', values: [['process_x', null]] },
    { why: 'labels that never end', text: 'process_x{a="b 1\nprocess_y 2', values: [['process_y', 2]] },
    { why: 'no value', text: 'process_x\nprocess_y ', values: [] },
    { why: 'words behind the value', text: 'process_x 1 2 3', values: [] },
    { why: 'a summary', text: '# TYPE process_x summary\nprocess_x{q="1"} 1\nprocess_x_sum 2', values: [] },
    {
      why: 'a counter whose name ends like a part',
      text: 'process_total_count 2',
      values: [['process_total_count', 2]],
    },
  ])('reads $why', ({ text, values }) => {
    expect([...parse(text).values]).toEqual(values);
  });

  it('keeps so many series and no more, and counts the rest', () => {
    const page = Array.from({ length: 50 }, (_, index) => `process_x{i="${index}"} ${index}`).join('\n');
    const { values, leftOut } = parse(page, 20);
    expect(values.size).toBe(20);
    expect(leftOut).toBe(30);
  });

  it('reads back what was printed, whatever its labels hold', () => {
    const label = fc.string().map((text) => text.replaceAll(/[\\"\n\r]/g, '_'));
    fc.assert(
      fc.property(label, fc.double({ noNaN: true, noDefaultInfinity: true }), (text, value) => {
        const series = `process_x{l="${text}"}`;
        expect(parse(`${series} ${value}\n`).values.get(series)).toBe(value + 0);
      }),
    );
  });

  it('takes linear time for a page that would make a regex backtrack', () => {
    const page = `process_x{${'a="b",'.repeat(150_000)}`;
    expect(parse(page).values.size).toBe(0);
    const quotes = `process_x{a="${'\\"'.repeat(300_000)}\n`;
    expect(parse(quotes).values.size).toBe(0);
  });
});

describe('target-metrics', () => {
  it('keeps counters and gauges that we know and null for a value that is no number', () => {
    const allowedPrefixes = ['uttera_', 'headroom_', 'vllm:', 'process_'];
    const { values } = parsePrometheusText(metricsPage, { allowedPrefixes, mostSeries: 100 });
    expect([...values]).toEqual([
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

  it('reads the whole lines of a page that is too large, and says so once', async () => {
    const url = await serve((_request, response) => {
      response.end(`process_first 1\n${`process_x{l="${'y'.repeat(1000)}"} 1\n`.repeat(2000)}`);
    });
    const probe = await opened(targetMetrics, url);
    const first = await readUntilAnswered(probe);
    expect(first.samples[0]).toMatchObject({ metric: 'process_first', value: 1 });
    expect(first.samples).toHaveLength(2);
    expect(first.events.map(({ detail }) => detail)).toEqual([
      `${url.href}metrics is cut after 1.0 MiB: only what came before is read`,
    ]);
    expect((await readUntilAnswered(probe)).events).toEqual([]);
    await probe.close();
  });

  it('keeps 2,000 series of more, and says so once', async () => {
    const url = await serve((_request, response) => {
      response.end(Array.from({ length: 2500 }, (_, index) => `process_x{i="${index}"} 1\n`).join(''));
    });
    const probe = await opened(targetMetrics, url);
    const { samples, events } = await readUntilAnswered(probe);
    expect(samples).toHaveLength(2000);
    expect(events.map(({ detail }) => detail)).toEqual([
      `${url.href}metrics has 500 series more than the 2000 that are kept`,
    ]);
    await probe.close();
  });

  it('tells a series that has gone as missing, once', async () => {
    let page = 'process_a 1\nprocess_b 2\n';
    const url = await serve((_request, response) => {
      response.end(page);
    });
    const probe = await opened(targetMetrics, url);
    expect((await readUntilAnswered(probe)).samples).toHaveLength(2);
    page = 'process_a 1\n';
    let reading = await readUntilAnswered(probe);
    while (reading.samples.length === 2 && reading.samples[1]?.value === 2) {
      reading = await readUntilAnswered(probe);
    }
    expect(reading.samples.map(({ metric, value }) => [metric, value])).toEqual([
      ['process_a', 1],
      ['process_b', null],
    ]);
    expect((await readUntilAnswered(probe)).samples).toHaveLength(1);
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
