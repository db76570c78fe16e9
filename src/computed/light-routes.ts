import type { Series } from '../model/artifacts.ts';
import type { SampleTable } from '../model/samples.ts';
import type { LightRoute } from '../model/server-gauges.ts';
import { hasValues } from './series.ts';

/** Pages beside health that were asked at every tick: readiness, and the page of metrics. */
export function lightRoutes(samples: SampleTable): readonly LightRoute[] {
  const ready = readinessAnswers(samples);
  const metrics = metricsAnswers(samples);
  return [
    ...(hasValues(ready) ? [{ name: 'the readiness page', answered: ready, isOnlyClearAtRest: false }] : []),
    ...(hasValues(metrics) ? [{ name: 'the metrics page', answered: metrics, isOnlyClearAtRest: true }] : []),
  ];
}

/** Not ready (503) is an answer; only silence is none. */
function readinessAnswers(samples: SampleTable): Series | null {
  const ok = samples.series('target', 'ready', 'health_ok');
  const status = samples.series('target', 'ready', 'health_status');
  return ok === null || status === null
    ? null
    : {
        tMs: ok.tMs,
        values: ok.values.map((value, index) =>
          Number.isNaN(value) ? value : Number(!Number.isNaN(status.values[index] ?? Number.NaN)),
        ),
      };
}

/** A page that was not answered leaves every one of its numbers empty at that tick. */
function metricsAnswers(samples: SampleTable): Series | null {
  const answers = new Map<number, number>();
  for (const metric of samples.metrics('target')) {
    const series = samples.series('target', 'metrics', metric);
    for (const [index, value] of series?.values.entries() ?? []) {
      const tMs = series?.tMs[index] ?? 0;
      answers.set(tMs, Math.max(answers.get(tMs) ?? 0, Number(!Number.isNaN(value))));
    }
  }
  const sorted = [...answers].sort(([a], [b]) => a - b);
  return {
    tMs: Float64Array.from(sorted, ([tMs]) => tMs),
    values: Float64Array.from(sorted, ([, isAnswered]) => isAnswered),
  };
}
