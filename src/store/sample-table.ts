import type { Series } from '../model/artifacts.ts';
import type { SampleScope } from '../model/probe.ts';
import type { SampleTable } from '../model/samples.ts';

/** A column that grows by doubling; NaN marks a missed reading. */
class Column {
  #tMs = new Float64Array(64);
  #values = new Float64Array(64);
  #length = 0;

  push(tMs: number, value: number): void {
    if (this.#length === this.#tMs.length) {
      const larger = new Float64Array(this.#length * 2);
      larger.set(this.#tMs);
      this.#tMs = larger;
      const values = new Float64Array(this.#length * 2);
      values.set(this.#values);
      this.#values = values;
    }
    this.#tMs[this.#length] = tMs;
    this.#values[this.#length] = value;
    this.#length += 1;
  }

  series(): Series {
    return { tMs: this.#tMs.slice(0, this.#length), values: this.#values.slice(0, this.#length) };
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

  add(row: SampleRow): void {
    const metrics = entry(this.#columns, row.scope, () => new Map<string, Map<string, Column>>());
    const instances = entry(metrics, row.metric, () => new Map<string, Column>());
    entry(instances, row.instance, () => new Column()).push(row.tMs, row.value ?? Number.NaN);
  }

  build(): SampleTable {
    const columns = this.#columns;
    return {
      instances: (scope, metric) => [...(columns.get(scope)?.get(metric)?.keys() ?? [])],
      series: (scope, instance, metric) => columns.get(scope)?.get(metric)?.get(instance)?.series() ?? null,
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
