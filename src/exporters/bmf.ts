import { sha256Hex } from '../base/digest.ts';
import type { Exporter } from '../model/exporter.ts';
import { json, measureName, placeName, sessionMetrics, whyNotKept } from './writing/session.ts';

/** Bencher cuts slugs of benchmarks and measures here; two long names must not become one. */
const maxSlug = 64;

function slug(name: string): string {
  return name.length <= maxSlug ? name : `${name.slice(0, maxSlug - 9)}-${sha256Hex(name).slice(0, 8)}`;
}

interface Measure {
  value: number;
  lower_value: number;
  upper_value: number;
}

/** Bencher Metric Format (bencher.dev, reference of the BMF): benchmark -> measure -> value, with the range of the repeats. */
export const bmf: Exporter = {
  id: 'bmf',
  title: 'Bencher Metric Format, for bencher run --adapter json',
  write(input) {
    const refused = whyNotKept(input);
    if (refused !== null) {
      return { unexportable: refused };
    }
    const benchmarks: Record<string, Record<string, Measure>> = {};
    for (const metric of sessionMetrics(input.results)) {
      const name = slug(placeName(input.results[0].profile.name, metric));
      benchmarks[name] = {
        ...benchmarks[name],
        [slug(measureName(metric))]: {
          value: metric.median,
          lower_value: Math.min(...metric.values),
          upper_value: Math.max(...metric.values),
        },
      };
    }
    return Object.keys(benchmarks).length === 0
      ? { unexportable: 'nothing that can be compared was measured' }
      : { files: [{ name: 'bmf.json', text: json(benchmarks) }] };
  },
};
