import { describe, expect, it } from 'vitest';
import { opened, tick } from '../testing/http-probe.ts';
import { clientSelf, eventLoopLagMs } from './client-self.ts';

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
