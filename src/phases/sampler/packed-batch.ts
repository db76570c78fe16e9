import type { Sample } from '../../model/probe.ts';
import type { FromSampler } from './messages.ts';
import type { SampleBatch } from './sampler.ts';

type SeriesKey = Omit<Sample, 'value'> & { probe: string };

/**
 * A batch as it is sent to the parent: several hundred samples a tick name the same few series,
 * and writing all names out cost more than reading the values.
 */
export interface PackedBatch extends Omit<SampleBatch, 'samples'> {
  /** Those that no batch before named; they get the next numbers. */
  newSeries: SeriesKey[];
  /** By position in all series named so far. */
  series: Uint32Array;
  /** NaN stands for null. */
  values: Float64Array;
}

/** What a child of ours sends: its batches are packed. */
export type FromSamplerChild = Exclude<FromSampler, { type: 'batch' }> | { type: 'packed'; batch: PackedBatch };

export function createPacker(): (batch: SampleBatch) => PackedBatch {
  const numbers: Nested<Nested<Nested<Map<string, number>>>> = new Map();
  let count = 0;
  return ({ samples, ...rest }) => {
    const newSeries: SeriesKey[] = [];
    const series = new Uint32Array(samples.length);
    const values = new Float64Array(samples.length);
    let before: SeriesKey | null = null;
    let byMetric = new Map<string, number>();
    let index = 0;
    for (const sample of samples) {
      const { probe, scope, instance, metric, value } = sample;
      // Samples of one instance come one after another.
      if (instance !== before?.instance || scope !== before.scope || probe !== before.probe) {
        byMetric = below(below(below(numbers, probe), scope), instance);
      }
      before = sample;
      let number = byMetric.get(metric);
      if (number === undefined) {
        number = count;
        count += 1;
        byMetric.set(metric, number);
        newSeries.push({ probe, scope, instance, metric });
      }
      series[index] = number;
      values[index] = value ?? Number.NaN;
      index += 1;
    }
    return { ...rest, newSeries, series, values };
  };
}

export function createUnpacker(): (packed: PackedBatch) => SampleBatch {
  const known: SeriesKey[] = [];
  return ({ newSeries, series, values, ...rest }) => {
    known.push(...newSeries);
    const samples = Array.from(series, (number, index) => {
      const value = values[index] ?? Number.NaN;
      return { ...(known[number] as SeriesKey), value: Number.isNaN(value) ? null : value };
    });
    return { ...rest, samples };
  };
}

type Nested<Inner> = Map<string, Inner>;

function below<Inner extends Map<string, unknown>>(map: Nested<Inner>, key: string): Inner {
  let held = map.get(key);
  if (held === undefined) {
    held = new Map() as Inner;
    map.set(key, held);
  }
  return held;
}
