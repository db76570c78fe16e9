import type { Probe, Sample } from '../model/probe.ts';
import { backgroundGet, type GetResult } from './http/background-get.ts';

const timeoutMs = 2000;
/** Near the limit ticks come ten times a second; nobody asks a server for its health more often than once (PROTOCOL 4.5). */
const everyMs = 950;
/** A health page that tells everything of a server is still read whole. */
const bodyLimitBytes = 64 * 1024;

/** An answer of any status has a round trip; only 2xx in time is healthy. */
export function healthSamples(instance: 'health' | 'ready', result: GetResult): Sample[] {
  const status = result.cut === 'late' ? null : result.status;
  const isOk = status !== null && status >= 200 && status < 300;
  return [
    { scope: 'target', instance, metric: 'health_rtt_ms', value: result.rttMs },
    { scope: 'target', instance, metric: 'health_ok', value: isOk ? 1 : 0 },
    { scope: 'target', instance, metric: 'health_status', value: status },
  ];
}

/**
 * Liveness, and readiness where a page of its own is known. Each is asked on a new connection, as an orchestrator
 * does, at every tick that is a second after the one before, so that a slow one does not hold up the other.
 */
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
    { metric: 'health_status', unit: 'status', description: 'HTTP status; empty without an answer in time' },
  ],
  open(target) {
    const { url, healthPath, readyPath } = target;
    if (url === null) {
      return Promise.resolve({ unavailable: 'no URL of the server is known; name it with --target' });
    }
    const pages = [
      { instance: 'health' as const, path: healthPath },
      ...(readyPath === null ? [] : [{ instance: 'ready' as const, path: readyPath }]),
    ].map(({ instance, path }) => ({
      instance,
      get: backgroundGet(new URL(path, url), { timeoutMs, bodyLimitBytes }),
    }));
    let askedMs = Number.NEGATIVE_INFINITY;
    return Promise.resolve({
      read(tick) {
        const isDue = tick.stageKind !== 'silence' && tick.tMs - askedMs >= everyMs;
        askedMs = isDue ? tick.tMs : askedMs;
        const samples = pages.flatMap(({ instance, get }) => {
          const result = get.take();
          if (isDue) {
            get.fire();
          }
          return result === null ? [] : healthSamples(instance, result);
        });
        return Promise.resolve({ samples, events: [] });
      },
      close() {
        for (const { get } of pages) {
          get.close();
        }
        return Promise.resolve();
      },
    });
  },
};
