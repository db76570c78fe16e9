import type { Probe, Sample } from '../model/probe.ts';
import { backgroundGet, type GetResult } from './http/background-get.ts';

const timeoutMs = 2000;

/** An answer of any status has a round trip; only 2xx is healthy. */
export function healthSamples(result: GetResult): Sample[] {
  const isOk = result.status !== null && result.status >= 200 && result.status < 300;
  return [
    { scope: 'target', instance: 'health', metric: 'health_rtt_ms', value: result.rttMs },
    { scope: 'target', instance: 'health', metric: 'health_ok', value: isOk ? 1 : 0 },
    { scope: 'target', instance: 'health', metric: 'health_status', value: result.status },
  ];
}

export const healthRtt: Probe = {
  id: 'health-rtt',
  title: 'Does the target answer its health page',
  metrics: [
    {
      metric: 'health_rtt_ms',
      unit: 'milliseconds',
      description: 'from connecting to the whole answer; empty without one',
    },
    { metric: 'health_ok', unit: 'flag', description: '1 = answered 2xx within 2 s' },
    { metric: 'health_status', unit: 'status', description: 'HTTP status; empty without an answer' },
  ],
  open(target) {
    if (target.url === null) {
      return Promise.resolve({ unavailable: 'no URL of the server is known; name it with --target' });
    }
    const get = backgroundGet(new URL(target.healthPath, target.url), { timeoutMs, bodyLimitBytes: 0 });
    return Promise.resolve({
      read(tick) {
        const result = get.take();
        if (tick.stageKind !== 'silence') {
          get.fire();
        }
        return Promise.resolve({ samples: result === null ? [] : healthSamples(result), events: [] });
      },
      close() {
        get.close();
        return Promise.resolve();
      },
    });
  },
};
