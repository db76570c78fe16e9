import { afterEach, describe, expect, it } from 'vitest';
import { metricsPage } from '../testing/captured/prometheus.ts';
import { closeServers, opened, readUntilAnswered, serve, tick } from '../testing/http-probe.ts';
import { parsePrometheusText } from './http/prometheus-text.ts';
import { targetMetrics } from './target-metrics.ts';

afterEach(closeServers);

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
