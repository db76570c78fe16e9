import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Probe } from '../model/probe.ts';

/** The histogram's own timer period, which every reading contains. */
const resolutionMs = 10;

/** How late the event loop was beyond the timer that measures it; null before the first reading. */
export function eventLoopLagMs(p99Ns: number, count: number): number | null {
  return count === 0 ? null : Math.max(0, p99Ns / 1e6 - resolutionMs);
}

export const clientSelf = {
  id: 'client-self',
  title: 'The harness itself',
  metrics: [
    { metric: 'rss_bytes', unit: 'bytes', description: 'resident memory of the process that sends' },
    { metric: 'cpu_seconds', unit: 'seconds', description: 'user and system time so far' },
    {
      metric: 'event_loop_lag_ms',
      unit: 'milliseconds',
      description: 'p99 lateness of its event loop since the last sample',
    },
  ],
  open() {
    const delay = monitorEventLoopDelay({ resolution: resolutionMs });
    delay.enable();
    return Promise.resolve({
      read() {
        const { user, system } = process.cpuUsage();
        const lagMs = eventLoopLagMs(delay.percentile(99), delay.count);
        delay.reset();
        const instance = 'harness';
        return Promise.resolve({
          samples: [
            { scope: 'client', instance, metric: 'rss_bytes', value: process.memoryUsage.rss() },
            { scope: 'client', instance, metric: 'cpu_seconds', value: (user + system) / 1e6 },
            { scope: 'client', instance, metric: 'event_loop_lag_ms', value: lagMs },
          ],
          events: [],
        });
      },
      close() {
        delay.disable();
        return Promise.resolve();
      },
    });
  },
} satisfies Probe;
