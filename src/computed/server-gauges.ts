import type { Series } from '../model/artifacts.ts';
import type { SampleTable } from '../model/samples.ts';
import type { ServerGauges, ToldGauge } from '../model/server-gauges.ts';
import { type GaugeMeaning, knownGauges } from './known-gauges.ts';
import { alignTo } from './series.ts';

/** What the server tells of its own work under names that we know; empty lists for one that tells nothing. */
export function serverGauges(samples: SampleTable): ServerGauges {
  const metrics = samples.metrics('target').filter((metric) => samples.series('target', 'metrics', metric) !== null);
  const told = (meaning: GaugeMeaning): ToldGauge[] =>
    Object.keys(knownGauges)
      .filter((name) => knownGauges[name] === meaning)
      .flatMap((name) => {
        const series = metrics
          .filter((metric) => metric === name || metric.startsWith(`${name}{`))
          .flatMap((metric) => samples.series('target', 'metrics', metric) ?? []);
        return series.length === 0 ? [] : [{ name, series: summed(series) }];
      });
  return {
    queues: [
      ...told('queue').map((gauge) => ({ ...gauge, counts: 'requests' as const })),
      ...told('queued audio').map((gauge) => ({ ...gauge, counts: 'audioSeconds' as const })),
    ],
    work: told('work'),
    abandoned: told('abandoned work'),
    descriptorRefusals: told('descriptor refusals'),
  };
}

/** All label sets of one page have its times; the one that was seen longest gives them. */
function summed(all: readonly Series[]): Series {
  const first = all.reduce((most, one) => (one.tMs.length > most.tMs.length ? one : most));
  const aligned = all.map((one) => alignTo(first.tMs, one));
  return {
    tMs: first.tMs,
    values: first.values.map((_, index) => {
      const values = aligned.map((one) => one[index] ?? Number.NaN).filter((value) => !Number.isNaN(value));
      return values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0);
    }),
  };
}
