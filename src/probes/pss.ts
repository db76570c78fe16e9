import { keyedNumber } from '../base/procfs.ts';
import type { Probe, Sample } from '../model/probe.ts';

/** Reading costs about 20 ms per GiB and holds the target's memory map meanwhile (PROTOCOL 4.4). */
const everyMs = 5000;
/** Of a large tree a reading takes long: waiting 200 times as long keeps it below 0.5 % of a core. */
const restPerCost = 200;
/** A quiet stage of half a minute shall still show its end. */
const longestRestMs = 30_000;
const largestRssBytes = 4 * 1024 ** 3;

/** Proportional set size of a smaps_rollup; null if it cannot be read. */
export function parsePss(text: string): number | null {
  return keyedNumber(text, 'Pss');
}

export const pss: Probe = {
  id: 'pss',
  title: 'Memory with shared pages divided among their users',
  metrics: [
    { metric: 'pss_bytes', unit: 'bytes', description: 'proportional set size; only while nothing is in flight' },
  ],
  open(target) {
    const { host } = target;
    if (host === null) {
      return Promise.resolve({ unavailable: target.description });
    }
    const [first] = target.processes();
    if (first !== undefined && host.read(`/proc/${first.pid}/smaps_rollup`) === null) {
      return Promise.resolve({
        unavailable: `/proc/${first.pid}/smaps_rollup cannot be read; run as the server's user or as root`,
      });
    }
    let nextMs = Number.NEGATIVE_INFINITY;
    return Promise.resolve({
      read(tick) {
        if (!tick.quiesced || tick.tMs < nextMs) {
          return Promise.resolve({ samples: [], events: [] });
        }
        const startedMs = performance.now();
        const samples: Sample[] = target.processes().map((process) => {
          const rssBytes = keyedNumber(host.read(`/proc/${process.pid}/status`) ?? '', 'VmRSS');
          const isReadable = rssBytes !== null && rssBytes < largestRssBytes;
          return {
            scope: 'process',
            instance: `${process.role}#${process.pid}`,
            metric: 'pss_bytes',
            value: isReadable ? parsePss(host.read(`/proc/${process.pid}/smaps_rollup`) ?? '') : null,
          };
        });
        const costMs = performance.now() - startedMs;
        nextMs = tick.tMs + Math.min(longestRestMs, Math.max(everyMs, restPerCost * costMs));
        // A sum without one of its parts would look like memory given back.
        const total = samples.reduce<number | null>(
          (sum, sample) => (sum === null || sample.value === null ? null : sum + sample.value),
          samples.length === 0 ? null : 0,
        );
        samples.push({ scope: 'tree', instance: 'tree', metric: 'pss_bytes', value: total });
        return Promise.resolve({ samples, events: [] });
      },
      close: () => Promise.resolve(),
    });
  },
};
