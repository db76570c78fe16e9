import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Sample } from '../../model/probe.ts';
import { importPrometheus } from './import.ts';
import { parseAnswer } from './query.ts';

const mib = 1024 ** 2;
const wallZeroMs = Date.parse('2026-11-21T10:00:00Z');
const servers: http.Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(answer: (request: http.IncomingMessage, response: http.ServerResponse) => void): Promise<string> {
  const server = http.createServer(answer).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

type Points = readonly (readonly [second: number, value: number | string])[];
interface Held {
  labels: Record<string, string>;
  points: Points;
}

const matrix = (held: readonly Held[]): string =>
  JSON.stringify({
    status: 'success',
    data: {
      resultType: 'matrix',
      result: held.map(({ labels, points }) => ({
        metric: labels,
        values: points.map(([second, value]) => [wallZeroMs / 1000 + second, String(value)]),
      })),
    },
  });

/** A Prometheus that holds a few series and remembers what it was asked. */
async function prometheus(
  held: Readonly<Record<string, readonly Held[]>>,
): Promise<{ url: string; asked: URLSearchParams[] }> {
  const asked: URLSearchParams[] = [];
  const url = await serve((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
    asked.push(searchParams);
    const name = (searchParams.get('query') ?? '').replace(/\{.*\}/s, '');
    response.writeHead(pathname === '/prom/api/v1/query_range' ? 200 : 404).end(matrix(held[name] ?? []));
  });
  return { url: `${url}/prom/`, asked };
}

async function imported(url: string, selector = 'pod="stt-0"') {
  const samples: (Sample & { tMs: number; quality: string })[] = [];
  const events: { tMs: number; kind: string; subject: string; detail: string }[] = [];
  const notes = await importPrometheus({
    url,
    selector,
    wallZeroMs,
    endMs: 60_000,
    recorder: {
      samples: (tMs, _stage, quality, batch) => samples.push(...batch.map((sample) => ({ ...sample, tMs, quality }))),
      event: (tMs, kind, _stage, subject, detail) => events.push({ tMs, kind, subject, detail }),
    },
  });
  const values = (metric: string): unknown =>
    samples.filter((sample) => sample.metric === metric).map(({ instance, tMs, value }) => [instance, tMs, value]);
  return { samples, events, notes, values };
}

const server = { container: 'server', pod: 'stt-0' };
const one = (points: Points, labels: Record<string, string> = server): Held[] => [{ labels, points }];

describe('what Prometheus held', () => {
  it('is asked for over the time of the run, with the selector as it was given', async () => {
    const { url, asked } = await prometheus({});
    await imported(url, 'pod=~"stt-.*",ns!="a b"');
    const first = asked[0];
    expect(first?.get('query')).toBe('container_memory_working_set_bytes{pod=~"stt-.*",ns!="a b"}');
    expect(Number(first?.get('start'))).toBe(wallZeroMs / 1000);
    expect(Number(first?.get('end'))).toBe(wallZeroMs / 1000 + 60);
    expect(first?.get('step')).toBe('1');
    expect(asked.map((query) => query.get('query'))).toContain(
      'kube_pod_container_resource_limits{pod=~"stt-.*",ns!="a b",resource="memory"}',
    );
  });

  it('gives a container its usage, its limit and what cannot be reclaimed', async () => {
    const { url } = await prometheus({
      container_memory_working_set_bytes: one([[10, 400 * mib]]),
      container_memory_total_active_file_bytes: one([[10, 100 * mib]]),
      container_memory_usage_bytes: one([[10, 500 * mib]]),
      container_spec_memory_limit_bytes: one([[10, 1024 * mib]]),
      container_oom_events_total: one([[10, 0]]),
      container_pressure_memory_stalled_seconds_total: one([[10, 1.5]]),
    });
    const { values, samples } = await imported(url);
    expect(values('non_reclaimable_bytes')).toEqual([['prometheus:server', 10_000, 300 * mib]]);
    expect(values('usage_bytes')).toEqual([['prometheus:server', 10_000, 500 * mib]]);
    expect(values('limit_bytes')).toEqual([['prometheus:server', 10_000, 1024 * mib]]);
    expect(values('oom_kills')).toEqual([['prometheus:server', 10_000, 0]]);
    expect(values('psi_memory_full_total_us')).toEqual([['prometheus:server', 10_000, 1_500_000]]);
    expect(new Set(samples.map(({ scope, quality }) => `${scope} ${quality}`))).toEqual(new Set(['cgroup ok']));
  });

  it.each([
    { why: 'the working set where active file pages are not told', more: {}, expected: 400 * mib },
    {
      why: 'never below 0',
      more: { container_memory_total_active_file_bytes: one([[10, 900 * mib]]) },
      expected: 0,
    },
  ])('counts as not reclaimable $why', async ({ more, expected }) => {
    const { url } = await prometheus({ container_memory_working_set_bytes: one([[10, 400 * mib]]), ...more });
    expect((await imported(url)).values('non_reclaimable_bytes')).toEqual([['prometheus:server', 10_000, expected]]);
  });

  it.each([
    { why: 'a limit of 0 is none', spec: 0, declared: null, expected: [] },
    { why: 'the declared one stands in', spec: 0, declared: 2048, expected: [['prometheus:server', 10_000, 2048]] },
    { why: 'the one of the kernel wins', spec: 1024, declared: 2048, expected: [['prometheus:server', 10_000, 1024]] },
  ])('finds the limit: $why', async ({ spec, declared, expected }) => {
    const { url } = await prometheus({
      container_spec_memory_limit_bytes: one([[10, spec]]),
      kube_pod_container_resource_limits: declared === null ? [] : one([[10, declared]]),
    });
    expect((await imported(url)).values('limit_bytes')).toEqual(expected);
  });

  it('leaves out the pause container and the sum over a pod, and tells of two containers', async () => {
    const labelled = (container: string): Held => ({ labels: { container, pod: 'stt-0' }, points: [[10, mib]] });
    const { url } = await prometheus({
      container_memory_working_set_bytes: ['', 'POD', 'server', 'sidecar'].map(labelled),
    });
    const { values, notes } = await imported(url);
    expect(values('non_reclaimable_bytes')).toEqual([
      ['prometheus:server', 10_000, mib],
      ['prometheus:sidecar', 10_000, mib],
    ]);
    expect(notes.map(({ why }) => why).join()).toContain('matches server, sidecar');
  });

  it('keeps each scrape once, at its own time, and none from before the run', async () => {
    const steps: Points = [0, 1, 2, 3, 4, 5].map((second) => [
      second,
      second < 2 ? mib : second < 4 ? 2 * mib : 3 * mib,
    ]);
    const scraped: Points = [0, 1, 2, 3, 4, 5].map((second) => [
      second,
      wallZeroMs / 1000 + (second < 2 ? -0.5 : second < 4 ? 1.5 : 3.5),
    ]);
    const { url } = await prometheus({
      container_memory_working_set_bytes: one(steps),
      'timestamp(container_memory_working_set_bytes)': one(scraped),
    });
    const { values, notes } = await imported(url);
    expect(values('non_reclaimable_bytes')).toEqual([
      ['prometheus:server', 1500, 2 * mib],
      ['prometheus:server', 3500, 3 * mib],
    ]);
    expect(notes.map(({ what }) => what)).toEqual(['peaks between two scrapes of Prometheus']);
    expect(notes[0]?.why).toMatch(/^it holds a value every 2\.0 s/);
  });

  it('gives the host and each GPU theirs, in bytes', async () => {
    const { url } = await prometheus({
      node_memory_MemTotal_bytes: one([[10, 8192 * mib]], { instance: 'n1' }),
      DCGM_FI_DEV_FB_USED: one([[10, 3]], { UUID: 'GPU-1' }),
    });
    const { samples } = await imported(url);
    expect(samples.map(({ scope, instance, metric, value }) => [scope, instance, metric, value])).toEqual([
      ['host', 'host', 'mem_total_bytes', 8192 * mib],
      ['gpu', 'cuda:GPU-1', 'used_bytes', 3 * mib],
    ]);
  });

  it.each([
    { why: 'a restart', reason: [], kinds: ['target_gone'] },
    { why: 'a restart after a kill for memory', reason: one([[30, 1]]), kinds: ['target_gone', 'oom_kill'] },
    { why: 'a kill long before', reason: one([[-400, 1]]), kinds: ['target_gone'] },
  ])('makes events of $why', async ({ reason, kinds }) => {
    const { url } = await prometheus({
      kube_pod_container_status_restarts_total: one([
        [0, 3],
        [20, 4],
        [40, 4],
      ]),
      kube_pod_container_status_last_terminated_reason: reason,
    });
    const { events } = await imported(url);
    expect(events.map(({ kind, tMs, subject }) => [kind, tMs, subject])).toEqual(
      kinds.map((kind) => [kind, 20_000, 'prometheus:server']),
    );
    expect(events[0]?.detail).toBe('server was restarted: 3 restarts before, 4 now');
  });
});

describe('a Prometheus that does not help', () => {
  it('is told in one line when nothing listens', async () => {
    const { samples, notes } = await imported('http://127.0.0.1:9');
    expect(samples).toEqual([]);
    expect(notes).toEqual([
      { what: "the target's memory", why: 'Prometheus at 127.0.0.1:9 does not answer: ECONNREFUSED' },
    ]);
  });

  it('is told in its own words when it refuses the selector, and asked no further', async () => {
    let requests = 0;
    const url = await serve((_request, response) => {
      requests += 1;
      response.writeHead(400).end('{"status":"error","errorType":"bad_data","error":"parse error: unexpected"}');
    });
    const { notes } = await imported(url, 'pod=');
    expect(notes[0]?.why).toMatch(/refused the query: HTTP 400: parse error: unexpected$/);
    expect(requests).toBe(1);
  });

  it('is told when it holds nothing for the selector', async () => {
    const { url } = await prometheus({});
    expect((await imported(url)).notes).toEqual([
      { what: "the target's memory", why: 'Prometheus has no series that we know for {pod="stt-0"}' },
    ]);
  });

  it.each([
    { why: 'a page of a proxy', status: 502, body: '<html>', said: 'HTTP 502 without JSON' },
    { why: 'JSON of something else', status: 200, body: '{}', said: 'HTTP 200' },
    { why: 'a login page', status: 401, body: '{"status":"error"}', said: 'HTTP 401' },
  ])('refuses $why', ({ status, body, said }) => {
    expect(parseAnswer(status, body)).toEqual({ ok: false, kind: 'refused', why: said });
  });

  it('leaves out a value that is no number', () => {
    const answer = parseAnswer(
      200,
      matrix([
        {
          labels: {},
          points: [
            [0, 'NaN'],
            [1, '+Inf'],
            [2, 5],
          ],
        },
      ]),
    );
    expect(answer).toEqual({ ok: true, series: [{ labels: {}, points: [{ wallMs: wallZeroMs + 2000, value: 5 }] }] });
  });
});
