import { afterEach, describe, expect, it } from 'vitest';
import { closeServers, serve, taken, until } from '../../testing/http-probe.ts';
import { backgroundGet } from './background-get.ts';

afterEach(closeServers);

const mib = 1024 ** 2;

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
