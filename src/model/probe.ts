import type { StageKind } from './profile.ts';
import type { ObservedTarget } from './target.ts';

export type SampleScope = 'process' | 'tree' | 'cgroup' | 'host' | 'gpu' | 'target' | 'client';

/** One value read. null = looked and was not there; it becomes an empty field, never 0. */
export interface Sample {
  scope: SampleScope;
  /** Which one: `front#1234` for a process, a path for a cgroup or file system, `tree`, `host`. */
  instance: string;
  /** snake_case with its unit, as the probe's `metrics` lists it. */
  metric: string;
  value: number | null;
}

export interface MetricMeta {
  metric: string;
  unit: string;
  description: string;
}

/** What the sampler knows of the run at this tick. */
export interface Tick {
  tMs: number;
  stage: string;
  stageKind: StageKind;
  /** Nothing in flight: only then may a probe read what would stall the target (smaps_rollup). */
  quiesced: boolean;
}

export interface OpenProbe {
  /** No timer inside. `events` are changes worth a line in `events.csv`. */
  read(tick: Tick): Promise<{ samples: Sample[]; events: { kind: string; subject: string; detail: string }[] }>;
  close(): Promise<void>;
}

export interface Probe {
  id: string;
  title: string;
  metrics: readonly MetricMeta[];
  /** `unavailable` says why and what to do; the probe then adds nothing. */
  open(target: ObservedTarget): Promise<OpenProbe | { unavailable: string }>;
}
