import type { ItemTraits, RunEvent, Series } from './artifacts.ts';
import type { Manifest } from './manifest.ts';
import type { SampleScope } from './probe.ts';
import type { RequestRecord } from './record.ts';

/** `samples.csv` in memory, by column. A missed reading is NaN. */
export interface SampleTable {
  /** Instances that have the metric, in order of first sight. */
  instances(scope: SampleScope, metric: string): readonly string[];
  /** null if it was never sampled. */
  series(scope: SampleScope, instance: string, metric: string): Series | null;
  /** Metrics ever sampled in a scope. */
  metrics(scope: SampleScope): readonly string[];
}

/** A results folder read back: all that analysis may look at. */
export interface GatheredRun {
  manifest: Manifest;
  records: readonly RequestRecord[];
  /** `items.csv` by item id; empty for a run whose items are not known. */
  items: ReadonlyMap<string, ItemTraits>;
  /** `neighbour.csv`; null for a run without a neighbour. */
  neighbour: readonly RequestRecord[] | null;
  samples: SampleTable;
  events: readonly RunEvent[];
  /** SHA-256 of each source file. */
  sources: Readonly<Record<string, string>>;
}
