import { afterEach, describe, expect, it } from 'vitest';
import { closeServers, opened, readUntilAnswered, serve, tick } from '../testing/http-probe.ts';
import { healthRtt, healthSamples } from './health-rtt.ts';

afterEach(closeServers);

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
