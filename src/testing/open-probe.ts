import type { OpenProbe, Probe, Sample, Tick } from '../model/probe.ts';
import type { ObservedTarget } from '../model/target.ts';
import type { FakeHost } from './fake-host.ts';

/** What a finder gives, over captured files; null for a remote target. */
export function targetOn(host: FakeHost | null, more: Partial<ObservedTarget> = {}): ObservedTarget {
  return {
    id: 'listening-socket',
    description: 'remote: memory not observed',
    host,
    processes: () => [],
    cgroup: { v1Memory: null, v2: null },
    url: new URL('http://127.0.0.1:8000'),
    healthPath: '/health',
    readyPath: null,
    deviceMonitor: null,
    metricsUrl: null,
    ...more,
  };
}

export const tickAt = (tMs: number, quiesced: boolean = false): Tick => ({
  tMs,
  stage: 's',
  stageKind: 'load',
  quiesced,
});

/** Throws the reason if the probe is unavailable. */
export async function opened(probe: Probe, target: ObservedTarget): Promise<OpenProbe> {
  const open = await probe.open(target);
  if ('unavailable' in open) {
    throw new Error(open.unavailable);
  }
  return open;
}

/** The values of one instance by metric. */
export const valuesOf = (samples: readonly Sample[], instance: string): Record<string, number | null> =>
  Object.fromEntries(
    samples.filter((sample) => sample.instance === instance).map((entry) => [entry.metric, entry.value]),
  );
