import type { Series } from '../model/artifacts.ts';
import type { SampleScope } from '../model/probe.ts';
import type { SampleTable } from '../model/samples.ts';
import { NumberColumn } from './number-column.ts';

/** Times as places in a list that all columns share: what one tick reads has one time. NaN marks a missed reading. */
class Column {
  readonly #values = new NumberColumn();
  /** Ticks that follow at one distance need no list: place n is `first + n * step`. */
  #first = 0;
  #step = 1;
  #ticks: NumberColumn | null = null;

  push(tick: number, value: number): void {
    const count = this.#values.length;
    if (count === 0) {
      this.#first = tick;
    } else if (count === 1) {
      this.#step = tick - this.#first;
    }
    if (this.#ticks === null && tick !== this.#first + count * this.#step) {
      this.#ticks = new NumberColumn();
      for (let place = 0; place < count; place += 1) {
        this.#ticks.push(this.#first + place * this.#step);
      }
    }
    this.#ticks?.push(tick);
    this.#values.push(value);
  }

  /** Read at each of so many ticks. */
  isOfAll(ticks: number): boolean {
    return this.#ticks === null && this.#first === 0 && this.#step === 1 && this.#values.length === ticks;
  }

  times(all: NumberColumn): Float64Array {
    const tMs = new Float64Array(this.#values.length);
    for (let index = 0; index < tMs.length; index += 1) {
      tMs[index] = all.at(this.#ticks === null ? this.#first + index * this.#step : this.#ticks.at(index));
    }
    return tMs;
  }

  values(): Float64Array {
    return this.#values.toArray();
  }
}

export interface SampleRow {
  tMs: number;
  scope: SampleScope;
  instance: string;
  metric: string;
  /** null = missed */
  value: number | null;
}

/** Collects rows by scope, instance and metric. */
export class SampleTableBuilder {
  readonly #columns = new Map<string, Map<string, Map<string, Column>>>();
  readonly #times = new NumberColumn();

  add({ tMs, scope, instance, metric, value }: SampleRow): void {
    if (this.#times.length === 0 || this.#times.at(this.#times.length - 1) !== tMs) {
      this.#times.push(tMs);
    }
    const metrics = entry(this.#columns, scope, () => new Map<string, Map<string, Column>>());
    const instances = entry(metrics, metric, () => new Map<string, Column>());
    entry(instances, instance, () => new Column()).push(this.#times.length - 1, value ?? Number.NaN);
  }

  build(): SampleTable {
    const columns = this.#columns;
    const times = this.#times;
    let allMs: Float64Array | null = null;
    /** What was read at every tick shares one array of times, so that nothing has to be aligned. */
    const timesOf = (column: Column): Float64Array => {
      if (!column.isOfAll(times.length)) {
        return column.times(times);
      }
      allMs ??= times.toArray();
      return allMs;
    };
    const series = (column: Column): Series => ({ tMs: timesOf(column), values: column.values() });
    return {
      instances: (scope, metric) => [...(columns.get(scope)?.get(metric)?.keys() ?? [])],
      series: (scope, instance, metric) => {
        const column = columns.get(scope)?.get(metric)?.get(instance);
        return column === undefined ? null : series(column);
      },
      metrics: (scope) => [...(columns.get(scope)?.keys() ?? [])],
    };
  }
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const held = map.get(key);
  if (held !== undefined) {
    return held;
  }
  const made = make();
  map.set(key, made);
  return made;
}
